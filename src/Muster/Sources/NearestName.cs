namespace Muster.Sources;

/// <summary>The name that was probably meant.</summary>
internal static class NearestName
{
    /// <summary>The nearest of <paramref name="names"/> within half of the wanted name's length in edits, letter case ignored; else null.</summary>
    public static string? To(string wanted, IReadOnlyList<string> names)
    {
        string? nearest = null;
        var least = Math.Max(1, wanted.Length / 2) + 1;
        foreach (var name in names)
        {
            // Names differing more in length than the limit cannot be near, and a hostile header stays cheap.
            if (Math.Abs(name.Length - wanted.Trim().Length) <= least + 2 && Edits(wanted, name) is var edits && edits < least)
            {
                (nearest, least) = (name, edits);
            }
        }

        return nearest;
    }

    private static int Edits(string left, string right)
    {
        var a = left.Trim().ToUpperInvariant();
        var b = right.Trim().ToUpperInvariant();
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}

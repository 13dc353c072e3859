namespace Muster;

/// <summary>The name somebody probably meant.</summary>
internal static class Closest
{
    private const int MaxNameChars = 64;

    /// <summary>The nearest of <paramref name="known"/> when it is near enough to be a slip of the hand, else null.</summary>
    public static string? To(string name, IEnumerable<string> known)
    {
        if (name.Length > MaxNameChars)
        {
            return null;
        }

        string? best = null;
        var allowed = Math.Max(1, name.Length / 3);
        foreach (var candidate in known.Where(k => k.Length <= MaxNameChars))
        {
            var distance = Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance <= allowed)
            {
                best = candidate;
                allowed = distance - 1;
            }
        }

        return best;
    }

    /// <summary><c> Did you mean `x`?</c> with a leading space, or nothing.</summary>
    public static string Question(string name, IEnumerable<string> known) => To(name, known) is { } best ? $" Did you mean `{best}`?" : "";

    // Edit distance in which two swapped neighbours count as one edit.
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Cell(rows, a, b, i, j);
            }
        }

        return rows[a.Length, b.Length];
    }

    private static int Cell(int[,] rows, string a, string b, int i, int j)
    {
        var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        var best = Math.Min(change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
        var swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
        return swapped ? Math.Min(best, rows[i - 2, j - 2] + 1) : best;
    }
}

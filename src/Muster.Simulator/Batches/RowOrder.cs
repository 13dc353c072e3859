namespace Muster.Simulator.Batches;

/// <summary>The seeded order of result lines; never the order of submission unless there is one row.</summary>
internal static class RowOrder
{
    public static int[] Of(int count, ulong seed, ulong download)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++)
        {
            order[i] = i;
        }

        var state = Chance.Mix(seed, download);
        for (var i = count - 1; i > 0; i--)
        {
            state = Chance.Mix(state, (ulong)i);
            // Sattolo's variant (j < i) makes one cycle, so no row keeps its place.
            var j = (int)(state % (ulong)i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}

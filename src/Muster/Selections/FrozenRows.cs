using Muster.Runs;

namespace Muster.Selections;

/// <summary>What a selector meant when it was frozen, without the rows that cannot be asked.</summary>
/// <param name="Hash">Of the keys; see <see cref="SelectionHash"/>.</param>
/// <param name="Keyless">Rows that were meant and have no key: they were never asked, and can only be mended in the source.</param>
/// <param name="Purged">Rows that were meant and whose input was purged.</param>
/// <param name="Changed">Rows whose source is another by now: they are asked as they are now.</param>
/// <param name="Gone">Rows that were meant and are no longer in the source.</param>
/// <param name="Standing">The runs that the rows stand in.</param>
internal sealed record FrozenRows(long Rows, string Hash, long Keyless, long Purged, KeyCount Changed, KeyCount Gone, IReadOnlyList<StandingRows> Standing)
{
    /// <summary>Rows that the selector meant.</summary>
    public long Meant => Rows + Keyless + Purged + Gone.Rows;
}

/// <param name="Keys">The first ten, in source order.</param>
internal sealed record KeyCount(long Rows, IReadOnlyList<string> Keys)
{
    public static KeyCount None { get; } = new(0, []);
}

/// <param name="Accepted">Of these, rows with an accepted output, which a rerun's answer takes the place of.</param>
internal sealed record StandingRows(Run Run, long Rows, long Accepted);

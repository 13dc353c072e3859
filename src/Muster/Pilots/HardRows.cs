namespace Muster.Pilots;

/// <param name="Rows">Rows to pick: 5 to 10 for a smoke, about 100 for a pilot, about 500 for a dry run.</param>
/// <param name="Seed">The same seed over the same source picks the same rows.</param>
internal sealed record HardRowOptions(int Rows, ulong Seed);

/// <summary>One picked row.</summary>
/// <param name="Key">The row's key.</param>
/// <param name="Line">Where it starts, as the source says it.</param>
/// <param name="Record">Its record in source order, from 0, faulted records counted: a run over the pick reads exactly these.</param>
/// <param name="Stratum">The one stratum it counts in.</param>
/// <param name="Why">What was seen in it, one line.</param>
/// <param name="Twin">The key of the earlier row that it nearly repeats; only for <see cref="Pilots.Stratum.NearDuplicate"/>.</param>
internal sealed record HardRow(string Key, string Line, long Record, Stratum Stratum, string Why, string? Twin = null);

/// <summary>One line of the mix.</summary>
/// <param name="Stratum">Which one.</param>
/// <param name="Wanted">Its quota.</param>
/// <param name="Found">Rows picked for it; for <see cref="Pilots.Stratum.Random"/> with what the others left over.</param>
/// <param name="Seen">Rows of the source that fit it. A lower bound for near-duplicates; an estimate for languages.</param>
/// <param name="Why">What a row of it is.</param>
internal sealed record StratumShare(Stratum Stratum, int Wanted, int Found, long Seen, string Why);

/// <summary>The pick.</summary>
/// <param name="Rows">Strata in their order with the random rows last; within one, the most telling first.</param>
/// <param name="Mix">Every stratum, in their order.</param>
/// <param name="Seed">What gives the same pick again.</param>
/// <param name="Records">Records read.</param>
/// <param name="Askable">Of these, rows without a fault from which a message can be made.</param>
internal sealed record HardRows(IReadOnlyList<HardRow> Rows, IReadOnlyList<StratumShare> Mix, ulong Seed, long Records, long Askable);

using Muster.Runs;

namespace Muster.Pilots;

/// <summary>The rows that a run asks when it does not ask all, as they were chosen when it opened.</summary>
/// <param name="Seed">What gives the same pick again.</param>
/// <param name="Records">Records of the source.</param>
/// <param name="Askable">Of these, rows of which a request can be made.</param>
/// <param name="Rows">In source order.</param>
internal sealed record RunPick(ulong Seed, long Records, long Askable, IReadOnlyList<StratumShare> Mix, IReadOnlyList<PickedRow> Rows)
{
    /// <summary>How many were asked for; a small source has fewer.</summary>
    public int Wanted => Mix.Sum(share => share.Wanted);

    public static RunPick Of(HardRows picked) => new(picked.Seed, picked.Records, picked.Askable, picked.Mix,
        [.. picked.Rows.OrderBy(row => row.Record).Select(row => new PickedRow(row.Record, row.Line, row.Stratum))]);
}

/// <param name="Record">In source order, from 0.</param>
/// <param name="Line">Where it starts, as the source says it: what joins it to the run's row.</param>
internal sealed record PickedRow(long Record, string Line, Stratum Stratum);

/// <summary>A picked row as the run left it.</summary>
/// <param name="Tier">From 0, of the last request.</param>
/// <param name="Message">What was said of an answer that was not accepted.</param>
/// <param name="Input">As <see cref="Sources.SourceRow.Input"/>; empty when a purge took it.</param>
/// <param name="Output">The accepted or the last answer; empty when there is none.</param>
internal sealed record PickedResult(
    string? Key, string Line, Stratum Stratum, RowState State, int Tier, string? Reason, string? Message, ReadOnlyMemory<byte> Input,
    ReadOnlyMemory<byte> Output, PickedUse Use)
{
    /// <summary>What people last decided of the answer; null when nobody did. <see cref="State"/> tells what the job did without them.</summary>
    public PickedRuling? Ruling { get; init; }

    /// <summary>True when the row stands in the review queue of the pilot, or would once that is filled, and nobody decided it.</summary>
    public bool IsUnread => this is { Ruling: null, Key: not null, State: RowState.Succeeded or RowState.Quarantined or RowState.HumanQueued };
}

/// <param name="Decision">The number of the decision.</param>
/// <param name="Standing">How the row stands since.</param>
/// <param name="Own">What the job itself got accepted before anybody decided; empty when it got nothing accepted.</param>
internal sealed record PickedRuling(long Decision, RowState Standing, ReadOnlyMemory<byte> Own);

/// <summary>What all requests of a row used together.</summary>
/// <param name="InputTokens">With those written to and read from a cache.</param>
internal sealed record PickedUse(int Requests, long InputTokens, long OutputTokens, long CostPicoUsd);

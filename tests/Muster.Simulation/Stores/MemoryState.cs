using Muster.Batches;
using Muster.Pilots;
using Muster.Requests;
using Muster.Results;
using Muster.Runs;

namespace Muster.Simulation.Stores;

/// <summary>What lies on the virtual disk: survives every process. Checkers read it directly.</summary>
internal sealed class MemoryState
{
    public List<Run> Runs { get; } = [];

    public List<MemoryRow> Rows { get; } = [];

    public List<MemoryBatch> Batches { get; } = [];

    public List<MemoryRequest> Requests { get; } = [];

    public SortedDictionary<long, long[]> Books { get; } = [];

    public SortedDictionary<(long Run, int Tier, string Model), long[]> Usage { get; } = [];

    public HashSet<(long Batch, string Remote)> Foreign { get; } = [];

    public List<Duplicate> Duplicates { get; } = [];

    public SortedDictionary<long, MemoryEvidence> Evidence { get; } = [];

    public SortedDictionary<long, StagedOutput> Staging { get; } = [];

    public SortedDictionary<long, RunPick> Picks { get; } = [];

    public Dictionary<(string Job, string Version), PilotLock> Locks { get; } = [];

    public long LastRequestId { get; set; }

    public MemoryBatch Batch(long id) => Batches[(int)id - 1];

    public MemoryRow Row(long id) => Rows[(int)id - 1];

    public IEnumerable<MemoryRequest> RequestsOf(long batchId) => Requests.Where(request => request.BatchId == batchId);

    /// <summary>Everything counted again from rows, requests and results: each difference from the books, in words.</summary>
    public List<string> Differences(long runId)
    {
        var found = new List<string>();
        var counted = new long[8];
        var staged = 0;
        foreach (var row in Rows)
        {
            if (row.RunId != runId)
                continue;
            counted[(int)row.State]++;
            var holder = row.BatchId is { } id ? Batch(id).Value.State : BatchState.Withdrawn;
            if (row.State == RowState.InFlight && BatchStates.IsOver(holder))
                found.Add($"row {row.Line} is in flight in no open batch");
            if (Staging.ContainsKey(row.Id))
                staged++;
        }

        var books = Books[runId];
        for (var state = 0; state < books.Length; state++)
        {
            if (books[state] != counted[state])
                found.Add($"state {state}: the books say {books[state]} rows, counting says {counted[state]}");
        }

        var run = Runs[(int)runId - 1];
        if (books.Sum() != run.Records - run.Merged)
            found.Add($"the ledger does not balance: {books.Sum()} rows in the books, {run.Records - run.Merged} in the run");
        if (staged != counted[(int)RowState.Succeeded])
            found.Add($"staged outputs: {staged}, succeeded rows: {counted[(int)RowState.Succeeded]}");
        if (run.State == RunState.Done && counted[0] + counted[1] > 0)
            found.Add($"the run is done with {counted[0] + counted[1]} open rows");
        AddBatches(runId, found);
        return found;
    }

    private void AddBatches(long runId, List<string> found)
    {
        var requests = new int[Batches.Count + 1];
        var results = new int[Batches.Count + 1];
        var succeeded = new int[Batches.Count + 1];
        var asked = new HashSet<(long Row, int Attempt)>();
        long tokens = 0;
        foreach (var request in Requests)
        {
            requests[request.BatchId]++;
            if (!asked.Add((request.RowId, request.Attempt)))
                found.Add($"row {request.RowId} attempt {request.Attempt} was asked more than once");
            if (request.Result is not { } result)
                continue;
            results[request.BatchId]++;
            succeeded[request.BatchId] += result.Type == ResultType.Succeeded ? 1 : 0;
            if (result.Billing is { } bill && Batch(request.BatchId).Value.RunId == runId)
                tokens += bill.InputTokens + bill.OutputTokens + bill.CacheWrite5mTokens + bill.CacheWrite1hTokens + bill.CacheReadTokens;
        }

        foreach (var batch in Batches.Select(batch => batch.Value).Where(batch => batch.RunId == runId && batch.State != BatchState.Withdrawn))
        {
            if (requests[batch.Id] != batch.Requests)
                found.Add($"{batch.Name}: {batch.Requests} requests sealed, {requests[batch.Id]} recorded");
            if (batch.State != BatchState.Settled)
                continue;
            if (results[batch.Id] != batch.Requests || batch.Archive!.Lines != batch.Requests || (batch.Remote?.Counts.Total ?? batch.Requests) != batch.Requests)
                found.Add($"{batch.Name} is settled with {batch.Requests} requests, {results[batch.Id]} results, {batch.Archive!.Lines} archived lines and remote counts {batch.Remote?.Counts.Total}");
            if (batch.Lane == Lane.Synchronous ? batch.Remote is not null : succeeded[batch.Id] != batch.Remote!.Counts.Succeeded)
                found.Add($"{batch.Name}: {succeeded[batch.Id]} succeeded results, the remote counted {batch.Remote!.Counts.Succeeded}");
        }

        var booked = Usage.Where(entry => entry.Key.Run == runId).Sum(entry => entry.Value[1] + entry.Value[2] + entry.Value[3] + entry.Value[4] + entry.Value[5]);
        if (booked != tokens)
            found.Add($"usage: the books say {booked} tokens, the results say {tokens}");
    }
}

internal sealed class MemoryRow
{
    public required long Id { get; init; }

    public required long RunId { get; init; }

    public required string? Key { get; init; }

    public required string Line { get; init; }

    public required ReadOnlyMemory<byte> Input { get; init; }

    public RowState State { get; set; }

    public int Tier { get; set; }

    public int Attempt { get; set; }

    public int Spent { get; set; }

    public int Tries { get; set; }

    public VariantKind Variant { get; set; }

    public long? BatchId { get; set; }

    public string? Reason { get; set; }
}

internal sealed class MemoryBatch(Batch value, long reservedPicoUsd)
{
    public Batch Value { get; set; } = value;

    public long ReservedPicoUsd { get; } = reservedPicoUsd;
}

internal sealed class MemoryRequest(long id, long batchId, long rowId, int attempt)
{
    public long Id { get; } = id;

    public long BatchId { get; } = batchId;

    public long RowId { get; } = rowId;

    public int Attempt { get; } = attempt;

    public string? IdPart { get; set; }

    public ResultRecord? Result { get; set; }
}

internal sealed record MemoryEvidence(int Attempt, string? Message, ReadOnlyMemory<byte> Output);

internal sealed record StagedOutput(int Attempt, ReadOnlyMemory<byte> Output);

using Muster.Results;

namespace Muster.Batches;

/// <summary>A second remote batch of one intent: canceled, and what it cost booked beside the rows' own cost.</summary>
/// <param name="BatchId">The batch whose requests it repeats.</param>
/// <param name="Bill">Null until it ended and its results were read.</param>
internal sealed record Duplicate(string RemoteId, long BatchId, DuplicateBill? Bill);

/// <summary>What a duplicate's results came to.</summary>
/// <param name="Succeeded">Requests that are paid for.</param>
/// <param name="CostPicoUsd">Of those whose model has a price.</param>
/// <param name="Unpriced">Paid requests whose cost is not known: no price, or no results.</param>
/// <param name="Archive">Null when its results could not be had.</param>
internal sealed record DuplicateBill(long Succeeded, long InputTokens, long OutputTokens, long CacheTokens, long CostPicoUsd, long Unpriced, Archive? Archive)
{
    public static string Text(IReadOnlyList<Duplicate> duplicates)
    {
        var bills = duplicates.Select(duplicate => duplicate.Bill).OfType<DuplicateBill>().ToList();
        var unpriced = bills.Sum(bill => bill.Unpriced);
        return $"{Amount.Of(duplicates.Count, "duplicate batch")} ({string.Join(", ", duplicates.Select(duplicate => duplicate.RemoteId))}): duplicate cost "
            + $"{Claude.Usd.Text(bills.Sum(bill => bill.CostPicoUsd))} for {Amount.Of(bills.Sum(bill => bill.Succeeded), "request")}, "
            + $"{bills.Sum(bill => bill.InputTokens + bill.CacheTokens)} input and {bills.Sum(bill => bill.OutputTokens)} output tokens"
            + (unpriced > 0 ? $"; cost unknown for {Amount.Of(unpriced, "request")}" : "");
    }
}

using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Batches;

/// <summary>What a look through the remote's list could not settle.</summary>
/// <param name="Unknown">Ids of suspects that have not ended, or cannot be read.</param>
/// <param name="Unread">Ids of suspects that the look did not come to.</param>
/// <param name="Strays">Batches that are the run's and that no batch of the store is.</param>
internal sealed record Sighting(IReadOnlyList<string> Unknown, IReadOnlyList<string> Unread, IReadOnlyList<Stray> Strays)
{
    public static readonly Sighting Nothing = new([], [], []);

    /// <summary>What is said of it when the run ends; null when nothing is left.</summary>
    /// <param name="run">Whose tag the strays bear.</param>
    /// <param name="next">The command that looks again.</param>
    public string? Text(Run run, string next)
    {
        var parts = new List<string>();
        if (StrayText(run) is { } strays)
            parts.Add(strays);
        if (Unknown.Count > 0)
            parts.Add($"{Of(Unknown)}: as many requests as a batch of ours, and not ended or not readable yet");
        if (Unread.Count > 0)
            parts.Add($"{Of(Unread)}: as many requests as a batch of ours, and not looked at yet, as there are so many");
        return parts.Count == 0 ? null : $"{string.Join(". ", parts)}. {next} looks again";
    }

    /// <summary>Why the books do not balance; null when nothing speaks against them.</summary>
    public string? StrayText(Run run) => Strays.Count == 0 ? null
        : $"{Reasons.Accounting}: {Amount.Of(Strays.Count, "batch")} at the remote with the ids of {run.Name} and a nonce that the store does not know "
            + $"({Excerpt.List([.. Strays.Select(stray => $"{stray.RemoteId}, nonce {stray.Nonce}")])}): billed beside the books. Another copy of this store may have sent it; "
            + "compare `muster reconcile` and keep the id for a claim";

    private static string Of(IReadOnlyList<string> ids) => $"{Amount.Of(ids.Count, "batch")} of unknown owner at the remote ({Excerpt.List(ids)})";
}

/// <param name="Nonce">Of the create that made it.</param>
internal sealed record Stray(string RemoteId, string Nonce);

using Muster.Batches;
using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;
using Muster.Verdicts;

namespace Muster.Alerts;

/// <summary>
/// Hears a run's events and raises alerts. An alert is in the log before it is sent; sending goes on beside the run, and at its end
/// is waited for within the tries' own bounds. What a receiver does never fails the run.
/// </summary>
internal sealed class AlertListener(Job job, IStore store, string folder, PipelineOptions options) : IProgress<RunEvent>, IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);

    /// <summary>Between two alerts of one run about the same results.</summary>
    private static readonly TimeSpan ExpiringEvery = TimeSpan.FromHours(20);

    private const int IdChars = 20;

    /// <summary>Named in one alert; its text counts all of them.</summary>
    private const int MaxBatches = 20;

    private readonly IReadOnlyList<AlertAddress> addresses = options.Alerts?.Addresses() ?? [];
    private readonly AlertSender? sender = options.Alerts is { } alerts ? new AlertSender(alerts, options.Time) : null;
    private readonly AlertLog log = new(folder);
    private readonly List<Task> raising = [];
    private readonly List<Task<Sent>> sending = [];
    private DateTimeOffset? lookedAt;
    private Run? run;

    /// <summary>The run whose events come.</summary>
    public AlertListener For(Run of)
    {
        run = of;
        return this;
    }

    public void Report(RunEvent value)
    {
        options.Progress?.Report(value);
        if (run is null)
            return;
        if (lookedAt is null || value.At - lookedAt >= LookEvery)
            raising.Add(LookForExpiringAsync(value.At));
        var reason = ReasonCode.Of(value.Text);
        if (KindOf(value.Kind, reason) is { } kind)
            raising.Add(RaiseAsync(kind, reason, Sentence(kind, reason, value.Text), []));
    }

    /// <summary>Waits for what is being sent, and tells what became of it.</summary>
    public async Task DrainAsync()
    {
        await Task.WhenAll(raising);
        raising.Clear();
        foreach (var sent in await Task.WhenAll(sending))
        {
            log.Delivered(sent.Alert, sent.Delivery, options.Time.GetUtcNow());
            var kind = AlertForm.Word(sent.Alert.Kind);
            options.Progress?.Report(sent.Delivery.Why is { } why
                ? Event(RunEventKind.AlertFailed, $"{kind}: {sent.Delivery.Host}: {why} ({Amount.Of(sent.Delivery.Attempts, "attempt")})")
                : Event(RunEventKind.AlertSent, $"{kind}: taken by {sent.Delivery.Host}"));
        }

        sending.Clear();
    }

    public void Dispose() => sender?.Dispose();

    /// <summary>Looks for results that nobody has read and that are about to be lost; tells at most once a day.</summary>
    public async Task LookForExpiringAsync(DateTimeOffset now)
    {
        lookedAt = now;
        var unread = ResultsWindow.Unread(await store.BatchesAsync(run!.Id), now);
        if (unread.Count == 0)
            return;
        var text = $"The results of {Amount.Of(unread.Count, "batch")} are not fetched, and the remote removes them {ResultsWindow.Days} days after creation.";
        options.Progress?.Report(Event(RunEventKind.Expiring, text));
        if (log.Last(run.Name, AlertKind.Expiring) is not { } last || now - last >= ExpiringEvery)
        {
            await RaiseAsync(AlertKind.Expiring, null, text, [.. unread.Take(MaxBatches)
                .Select(batch => new ExpiringBatch(batch.Name, batch.RemoteId!, ResultsWindow.Of(batch, now)!.ClosesAt))]);
        }
    }

    private async Task RaiseAsync(AlertKind kind, string? reason, string text, IReadOnlyList<ExpiringBatch> batches)
    {
        if (addresses.Count == 0 || !job.Alerts.On.Contains(kind))
            return;
        var alert = new Alert($"alr_{options.Chance.Name(IdChars)}", kind, options.Time.GetUtcNow(), job.Name, run!.Name, reason, text,
            await store.LedgerAsync(run.Id), (await store.UsageAsync(run.Id)).Sum(usage => usage.CostPicoUsd), batches);
        log.Raised(alert);
        sending.AddRange(addresses.Select(address => SendAsync(address, alert)));
    }

    private async Task<Sent> SendAsync(AlertAddress address, Alert alert) => new(alert, await sender!.SendAsync(address, alert));

    private static AlertKind? KindOf(RunEventKind kind, string? reason) => kind switch
    {
        RunEventKind.Paused => reason == Reasons.CostCap ? AlertKind.Budget : AlertKind.Paused,
        RunEventKind.Held => reason == Reasons.Budget ? AlertKind.Budget : AlertKind.Held,
        RunEventKind.Finished => AlertKind.Done,
        _ => null,
    };

    /// <param name="text">What the run told.</param>
    private static string Sentence(AlertKind kind, string? reason, string text) => kind switch
    {
        AlertKind.Budget when reason == Reasons.CostCap => "The run is paused: the next batch does not fit under the spending cap, or its model has no price.",
        AlertKind.Budget => "The run is held: more failed than its budget allows.",
        AlertKind.Paused when reason == Reasons.CreateLost => "The run is paused: its creates do not reach the API. No row is blamed.",
        AlertKind.Paused => "The run is paused: the account or the request is refused. No row is blamed.",
        AlertKind.Held when CannotBeHad(reason) => "The run is held: results of a batch cannot be had. Nothing of it is promoted.",
        AlertKind.Held => "The run is held: its books do not balance. Nothing of it is promoted.",
        AlertKind.Done => $"The run is over: {text}.",
        AlertKind.Expiring => "Results are about to be lost.",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>A download that is gone; one that came and is cut or lacks results is a difference in the books.</summary>
    private static bool CannotBeHad(string? reason) => reason is not null
        && (reason is Reasons.ResultMissing + ".not_found" or Reasons.ResultMissing + ".gone"
            || Reasons.WithoutDetail(reason) is Reasons.BatchGone or Reasons.ResultBroken);

    private RunEvent Event(RunEventKind kind, string text) => new(options.Time.GetUtcNow(), run?.Name ?? "", kind, text, null);

    private sealed record Sent(Alert Alert, AlertDelivery Delivery);
}

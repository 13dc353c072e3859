using Muster.Claude;
using Muster.Jobs;
using Muster.Stores;

namespace Muster.Runs;

/// <summary>What every doer of a run works with.</summary>
internal sealed record RunContext(Run Run, Job Job, IStore Store, BatchesClient Client, PipelineOptions Options, RunTools Tools)
{
    private readonly DateTimeOffset beganAt = Options.Time.GetUtcNow();
    private readonly long beganStamp = Options.Time.GetTimestamp();

    public TimeProvider Time => Options.Time;

    public Reach Reach { get; } = new();

    public Batches.Arrivals Arrivals { get; } = new(Options.Time, Options.QuietPeriod);

    public DateTimeOffset Now => Options.Time.GetUtcNow();

    /// <summary>For what is due within this process: setting the machine's clock does not move it.</summary>
    public DateTimeOffset SteadyNow => beganAt + Time.GetElapsedTime(beganStamp);

    /// <summary>For what is compared with the remote's times, or across processes.</summary>
    public DateTimeOffset ServerNow => Client.Clock.Now;

    /// <summary>The pending rows that travel so.</summary>
    public Batches.LaneRows RowsOf(Batches.Lane lane) => new(lane, Job.Fallback is null ? null : Job.Limits.Attempts);

    public void Tell(RunEventKind kind, string text, string? batch = null) =>
        Options.Progress?.Report(new RunEvent(Now, Run.Name, kind, text, batch));
}

/// <summary>What is compiled from the job once per process.</summary>
internal sealed record RunTools(
    Contracts.Contract Contract, Contracts.Contract? Human, IReadOnlyList<Requests.RequestRenderer> Renderers,
    Requests.PromptTemplates Prompt, Prices Prices, byte[] KeySecret);

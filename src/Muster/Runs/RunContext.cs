using Muster.Claude;
using Muster.Jobs;
using Muster.Stores;

namespace Muster.Runs;

/// <summary>What every doer of a run works with.</summary>
internal sealed record RunContext(Run Run, Job Job, IStore Store, BatchesClient Client, PipelineOptions Options, RunTools Tools)
{
    public TimeProvider Time => Options.Time;

    public DateTimeOffset Now => Options.Time.GetUtcNow();

    public void Tell(RunEventKind kind, string text, string? batch = null) =>
        Options.Progress?.Report(new RunEvent(Now, Run.Name, kind, text, batch));
}

/// <summary>What is compiled from the job once per process.</summary>
internal sealed record RunTools(
    Contracts.Contract Contract, Contracts.Contract? Human, IReadOnlyList<Requests.RequestRenderer> Renderers,
    Requests.PromptTemplates Prompt, Prices Prices, byte[] KeySecret);

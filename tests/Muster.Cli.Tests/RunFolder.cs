using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;

namespace Muster.Cli.Tests;

/// <summary>A folder whose job has been run against a simulator of its own.</summary>
internal sealed class RunFolder : IAsyncDisposable
{
    private RunFolder(JobFolder job, SimulatedApi api, RunEnd end)
    {
        Job = job;
        Api = api;
        End = end;
    }

    public JobFolder Job { get; }

    public SimulatedApi Api { get; }

    public RunEnd End { get; }

    /// <param name="arrange">Changes the job before it runs.</param>
    /// <param name="timeout">Leaves the run unfinished; null waits for its end.</param>
    public static async Task<RunFolder> StartAsync(Action<JobFolder>? arrange = null, TimeSpan? timeout = null, FaultPlan? faults = null)
    {
        var job = new JobFolder();
        arrange?.Invoke(job);
        var api = await SimulatedApi.StartAsync(new SimulatorOptions { Instant = timeout is null, Speed = timeout is null ? 1 : 0, Faults = faults ?? FaultPlan.None });
        job.Environment["ANTHROPIC_API_KEY"] = "sk-sim";
        job.Environment["ANTHROPIC_BASE_URL"] = api.BaseUrl.ToString();
        await using var runner = Runner.Open(JobFile.Load(job.PathOf("tags.job.yaml")), new ClaudeOptions(api.BaseUrl, new Secret("sk-sim")),
            new PipelineOptions { Chance = Chance.Seeded(1), PollInterval = TimeSpan.FromMilliseconds(20), QuietPeriod = TimeSpan.FromMilliseconds(400), Timeout = timeout });
        return new RunFolder(job, api, await runner.RunAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        Job.Dispose();
    }
}

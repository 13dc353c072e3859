using System.Diagnostics;
using Muster.Simulator;

namespace Muster.Bench;

/// <summary>The simulator in a process of its own, so that its memory and time are not the product's.</summary>
internal sealed class SimulatorProcess : IDisposable
{
    private readonly Process process;

    private SimulatorProcess(Process process, string baseUrl)
    {
        this.process = process;
        BaseUrl = baseUrl;
    }

    public string BaseUrl { get; }

    public int Id => process.Id;

    public static async Task<int> ServeAsync(string[] engine)
    {
        await using var api = await SimulatedApi.StartAsync(new SimulatorOptions
        {
            Instant = true, RequestsPerMinute = null, Engine = engine is [var name] ? name : "schema",
        });
        Console.WriteLine(api.BaseUrl);
        // The parent closes our input when it is done.
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static async Task<SimulatorProcess> StartAsync(string engine = "schema")
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(SimulatorProcess).Assembly.Location, "serve-simulator", engine])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        })!;
        var url = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The simulator did not start.");
        return new SimulatorProcess(process, url.TrimEnd('/'));
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}

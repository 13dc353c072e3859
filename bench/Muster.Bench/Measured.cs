using System.Diagnostics;
using System.Globalization;

namespace Muster.Bench;

/// <summary>One child process from start to end: wall time, processor time and peak resident memory as the kernel counted them.</summary>
internal sealed record Measured(int ExitCode, TimeSpan Wall, TimeSpan Processor, long PeakKilobytes, string Output)
{
    public static async Task<Measured> RunAsync(IReadOnlyList<string> dotnetArguments, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", dotnetArguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var watch = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var talk = process.StandardError.ReadToEndAsync();
        long peak = 0;
        var processor = TimeSpan.Zero;
        while (!process.HasExited)
        {
            peak = Math.Max(peak, PeakOf(process.Id));
            try
            {
                processor = process.TotalProcessorTime;
            }
            catch (InvalidOperationException)
            {
                break;
            }

            await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(50));
        }

        await process.WaitForExitAsync();
        var wall = TimeProvider.System.GetElapsedTime(watch);
        if (process.ExitCode != 0)
            Console.Error.WriteLine(await talk);
        return new Measured(process.ExitCode, wall, processor, peak, await output);
    }

    /// <summary>VmHWM: the largest resident size the process ever had.</summary>
    public static long PeakOf(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[6..^2].Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

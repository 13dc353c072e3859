using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Muster.Cli.Tests;

/// <summary>The review by keys in a real pseudo-terminal, which <c>script</c> of util-linux makes.</summary>
public sealed partial class ReviewTerminalTests
{
    [Fact]
    public async Task Keys_decide_take_back_and_leave_the_terminal_as_it_was()
    {
        await using var run = await FolderAsync();
        using var screen = Screen.Open(run, 80, 24);

        await screen.PressAsync("", "a accept  e edit  r reject");
        await screen.PressAsync("a", "accepted (d-1); z takes it back");
        await screen.PressAsync("z", "d-1 is taken back");
        await screen.PressAsync("e", "edited (d-2)");
        await screen.PressAsync("r", "Why? 1 ");
        await screen.PressAsync("\u001b", "Not rejected.");
        await screen.PressAsync("r", "Why? 1 ");
        await screen.PressAsync("9", "a reason is one of the numbers");
        await screen.PressAsync("r", "Why? 1 ");
        await screen.PressAsync("1", "rejected (d-3)");
        await screen.PressAsync("u", "passed on");
        await screen.PressAsync("R", "sent back (d-4)");
        await screen.PressAsync("z", "d-4 is taken back");
        await screen.PressAsync("x", "a e r R u decide");
        await screen.PressAsync("\u0003", "Decided now: 1 edited, 1 rejected");
        await screen.EndAsync();

        screen.Text.ShouldContain("\u001b[?1049h");
        screen.Text.LastIndexOf("\u001b[?1049l", StringComparison.Ordinal).ShouldBeGreaterThan(screen.Text.LastIndexOf("\u001b[?1049h", StringComparison.Ordinal));
        screen.Text.ShouldContain("terminal echo");
        var listed = await run.Job.RunAsync("review", "list", "--as", "ada");
        listed.Out.ShouldNotContain(" until ");
        var ledger = (await PromoteTests.JsonAsync(run, "status", "--json")).GetProperty("ledger");
        ledger.GetProperty("human_queued").GetInt64().ShouldBe(run.End.Ledger.HumanQueued - 2);
        ledger.GetProperty("quarantined").GetInt64().ShouldBe(run.End.Ledger.Quarantined + 1);
        (await run.Job.RunAsync("reconcile", "--offline")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_polite_kill_gives_the_row_back()
    {
        await using var run = await FolderAsync();
        using var screen = Screen.Open(run, 200, 50);
        await screen.PressAsync("", "a accept  e edit  r reject");
        (await run.Job.RunAsync("review", "list", "--as", "bob")).Out.ShouldContain("ada until ");
        using (var kill = Process.Start("kill", ["-TERM", Pid().Match(screen.Text).Groups[1].Value]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await screen.EndAsync();
        screen.Text.ShouldContain("\u001b[?1049l");
        screen.Text.ShouldContain("terminal echo");
        (await run.Job.RunAsync("review", "list", "--as", "bob")).Out.ShouldNotContain(" until ");
    }

    [Fact]
    public async Task An_undo_that_finds_the_store_held_can_be_pressed_again()
    {
        await using var run = await FolderAsync();
        using var screen = Screen.Open(run, 80, 24);
        await screen.PressAsync("", "a accept  e edit  r reject");
        await screen.PressAsync("a", "accepted (d-1)");
        await screen.PressAsync("a", "accepted (d-2)");
        using (new FileStream(run.Job.PathOf(".muster/lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            await screen.PressAsync("z", "press the key again");
        await screen.PressAsync("z", "d-2 is taken back");
        await screen.PressAsync("q", "Decided now: 1 accepted");
        await screen.EndAsync();
    }

    private static Task<RunFolder> FolderAsync()
    {
        Assert.SkipUnless(Directory.Exists("/proc") && File.Exists("/usr/bin/script"), "there is no `script` of util-linux to make a pseudo-terminal with");
        return RunFolder.StartAsync(job =>
        {
            job.Edit("schema: tags.schema.json", "schema: tags.schema.json\n  human_queue: { properties: { category: { enum: [Shoes, Tools] } } }");
            job.Write("editor.sh", "#!/bin/sh\nsed -i 's/\"Shoes\"/\"Toys\"/; s/\"Tools\"/\"Toys\"/' \"$1\"\n");
            job.Write("rows.csv", "sku,name\n" + string.Concat(Enumerable.Range(1, 12).Select(i => $"p-{i:D3},Running shoes \u6F22\u5B57 \u001b[2J {i}\n")));
        });
    }

    [GeneratedRegex(@"pid=(\d+)")]
    private static partial Regex Pid();

    private sealed class Screen : IDisposable
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

        private readonly Process process;
        private readonly StringBuilder text = new();
        private readonly Lock gate = new();
        private readonly Task reading;
        private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int read;

        private Screen(Process process)
        {
            this.process = process;
            reading = ReadAsync();
        }

        public string Text
        {
            get
            {
                lock (gate)
                    return text.ToString();
            }
        }

        public static Screen Open(RunFolder run, int columns, int rows)
        {
            var command = $"stty cols {columns} rows {rows}; sh -c 'echo pid=$$; exec dotnet exec \"{Cli.Executable}\" review --as ada'; stty -a | grep -qw -e -echo && echo terminal silent || echo terminal echo";
            var start = new ProcessStartInfo("/usr/bin/script", ["-q", "-f", "-e", "-c", command, "/dev/null"])
            {
                WorkingDirectory = run.Job.Folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
            };
            foreach (var name in (string[])["CI", "NO_COLOR", "VISUAL", "MUSTER_STORE"])
                start.Environment.Remove(name);
            start.Environment["TERM"] = "xterm";
            start.Environment["SHELL"] = "/bin/sh";
            start.Environment["EDITOR"] = $"sh {run.Job.PathOf("editor.sh")}";
            return new Screen(Process.Start(start)!);
        }

        /// <summary>Presses keys and waits until something new on the screen holds the words.</summary>
        public async Task PressAsync(string keys, string words)
        {
            await process.StandardInput.WriteAsync(keys);
            await process.StandardInput.FlushAsync();
            using var limit = new CancellationTokenSource(Limit);
            while (true)
            {
                Task more;
                lock (gate)
                {
                    var at = Plain().IndexOf(words, Math.Min(read, Plain().Length), StringComparison.Ordinal);
                    if (at >= 0)
                    {
                        read = at + words.Length;
                        return;
                    }

                    more = changed.Task;
                }

                if (await Task.WhenAny(more, Task.Delay(Timeout.Infinite, limit.Token)) != more)
                    throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"After {keys.Length} keys `{words}` is not on the screen:\n{Text[Math.Max(0, Text.Length - 3_000)..]}"));
            }
        }

        public async Task EndAsync()
        {
            using var limit = new CancellationTokenSource(Limit);
            await process.WaitForExitAsync(limit.Token);
            await reading;
        }

        public void Dispose()
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        // A line that is broken to fit is still the same words.
        private string Plain() => text.ToString().Replace("\r\n", " ", StringComparison.Ordinal);

        private async Task ReadAsync()
        {
            var buffer = new char[4_096];
            int count;
            while ((count = await process.StandardOutput.ReadAsync(buffer)) > 0)
            {
                TaskCompletionSource before;
                lock (gate)
                {
                    text.Append(buffer, 0, count);
                    (before, changed) = (changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                }

                before.SetResult();
            }
        }
    }
}

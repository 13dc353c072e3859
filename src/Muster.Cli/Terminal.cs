using System.Text.Encodings.Web;
using System.Text.Json;
using Muster.Cli.Output;
using Spectre.Console;

namespace Muster.Cli;

/// <summary>
/// Where a command prints: data to <see cref="Out"/>, talk to <see cref="Talk"/>. What a person sees on a terminal is coloured and
/// live; anything else gets plain lines.
/// </summary>
internal sealed class Terminal
{
    private static readonly JsonSerializerOptions JsonForm = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly JsonSerializerOptions JsonLineForm = new(JsonForm) { WriteIndented = false };

    /// <summary>Longer than any line that is printed; tables take only what they need of it.</summary>
    private const int PipeWidth = 4_000;

    private Terminal(IAnsiConsole output, IAnsiConsole talk, TextWriter rawOut, TextWriter rawTalk, bool isLive, bool canAsk)
    {
        Out = output;
        Talk = talk;
        RawOut = rawOut;
        RawTalk = rawTalk;
        IsLive = isLive;
        CanAsk = canAsk;
    }

    /// <summary>stdout: data and tables.</summary>
    public IAnsiConsole Out { get; }

    /// <summary>stderr: progress, errors, next steps.</summary>
    public IAnsiConsole Talk { get; }

    /// <summary>stdout without any layout, for JSON and files.</summary>
    public TextWriter RawOut { get; }

    /// <summary>stderr without any layout, for plain lines.</summary>
    public TextWriter RawTalk { get; }

    public TimeProvider Time { get; } = TimeProvider.System;

    /// <summary>True when stderr is a terminal that may be redrawn; false piped, in CI, and with <c>TERM=dumb</c>.</summary>
    public bool IsLive { get; }

    /// <summary>True when a person can answer a question.</summary>
    public bool CanAsk { get; }

    public static Terminal OfProcess()
    {
        var dumb = Environment.GetEnvironmentVariable("TERM") == "dumb" || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));
        var colour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new Terminal(
            Console(System.Console.Out, !System.Console.IsOutputRedirected && !dumb, colour),
            Console(System.Console.Error, !System.Console.IsErrorRedirected && !dumb, colour),
            System.Console.Out,
            System.Console.Error,
            isLive: !System.Console.IsErrorRedirected && !dumb,
            canAsk: !System.Console.IsInputRedirected && !System.Console.IsErrorRedirected && !dumb);
    }

    /// <summary>Columns of what stdout goes to; without end for a pipe.</summary>
    public int OutWidth => WidthOf(Out);

    /// <summary>Columns of what stderr goes to; without end for a pipe.</summary>
    public int TalkWidth => WidthOf(Talk);

    /// <summary>Prints lines of data; a terminal gets them broken between words.</summary>
    public void Lines(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            Line(line);
    }

    /// <inheritdoc cref="Lines"/>
    public void Line(string line)
    {
        foreach (var part in Wrap.Lines(line, OutWidth))
            RawOut.WriteLine(part);
    }

    /// <summary>Prints a line of talk; a terminal gets it broken between words.</summary>
    public void Say(string line)
    {
        foreach (var part in Wrap.Lines(line, TalkWidth))
            RawTalk.WriteLine(part);
    }

    /// <summary>Says what does not stop anything and wants a look.</summary>
    public void Warn(string label, string text) => Talk.MarkupLine($"[yellow]{label}:[/] {Markup.Escape(Figures.Clean(text))}");

    /// <summary>Says what to type next.</summary>
    public void Next(string command) => Talk.MarkupLine($"[blue]Next:[/] {Markup.Escape(command)}");

    /// <summary>Prints one JSON object on a line of its own, its <c>schema</c> field first.</summary>
    public void JsonLine(string schema, object value)
    {
        RawOut.WriteLine(Ordered(schema, value).ToJsonString(JsonLineForm));
        RawOut.Flush();
    }

    /// <summary>Prints one JSON object with its <c>schema</c> field first, as docs/json-output.md promises it.</summary>
    public void Json(string schema, object value) => RawOut.WriteLine(Ordered(schema, value).ToJsonString(JsonForm));

    /// <summary>A value as it would be printed, to put several into one object.</summary>
    public static System.Text.Json.Nodes.JsonObject Node(object value) => JsonSerializer.SerializeToNode(value, JsonForm)!.AsObject();

    private static System.Text.Json.Nodes.JsonObject Ordered(string schema, object value)
    {
        var node = JsonSerializer.SerializeToNode(value, JsonForm)!.AsObject();
        var ordered = new System.Text.Json.Nodes.JsonObject { ["schema"] = schema };
        foreach (var (name, field) in node.ToList())
        {
            node.Remove(name);
            ordered[name] = field;
        }

        return ordered;
    }

    private static int WidthOf(IAnsiConsole console) => console.Profile.Width == PipeWidth ? int.MaxValue : console.Profile.Width;

    private static IAnsiConsole Console(TextWriter writer, bool isTerminal, bool colour)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal && colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        // A pipe has no width; a line cut at 80 columns would lose data.
        if (!isTerminal)
            console.Profile.Width = PipeWidth;
        return console;
    }
}

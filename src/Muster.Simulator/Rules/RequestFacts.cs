namespace Muster.Simulator.Rules;

/// <summary>A piece of the params, by position.</summary>
internal readonly record struct Slice(int Start, int Length)
{
    public bool Any => Length > 0;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> data) => data.Slice(Start, Length);
}

/// <summary>What one pass over a request's params finds; reused from row to row, so it holds positions and no text.</summary>
internal sealed class RequestFacts
{
    private readonly List<Slice> _userTexts = [];

    /// <summary>Inside of the model's string, without quotes.</summary>
    public Slice Model { get; set; }

    public long? MaxTokens { get; set; }

    public bool HasMessages { get; set; }

    public bool MessagesEmpty { get; set; }

    /// <summary>Raw value, quotes or brackets included; the same for System, OutputConfig, Tools, ToolChoice.</summary>
    public Slice System { get; set; }

    public Slice OutputConfig { get; set; }

    public Slice Tools { get; set; }

    public Slice ToolChoice { get; set; }

    public Slice Geo { get; set; }

    public Slice Messages { get; set; }

    /// <summary>Text inside the strings of the last user message, still escaped.</summary>
    public List<Slice> UserTexts => _userTexts;

    public bool Streams { get; set; }

    public bool HasSampling { get; set; }

    /// <summary>First top-level key that batches do not support, or null.</summary>
    public string? Unsupported { get; set; }

    /// <summary>First top-level key that nobody knows, or null.</summary>
    public string? Unknown { get; set; }

    public ThinkingMode Thinking { get; set; }

    public bool HasUrlSource { get; set; }

    /// <summary>A cache mark sits in the messages; marks in system are found with it.</summary>
    public bool MarksMessages { get; set; }

    /// <summary>The sampling parameter that was found first.</summary>
    public string? SamplingName { get; set; }

    public void AddUserText(Slice text) => _userTexts.Add(text);

    public void KeepUserTexts(int start, int count)
    {
        _userTexts.RemoveRange(start + count, _userTexts.Count - start - count);
        _userTexts.RemoveRange(0, start);
    }

    public void Clear()
    {
        _userTexts.Clear();
        Model = System = OutputConfig = Tools = ToolChoice = Geo = Messages = default;
        MaxTokens = null;
        HasMessages = MessagesEmpty = Streams = HasSampling = HasUrlSource = MarksMessages = false;
        Unsupported = Unknown = SamplingName = null;
        Thinking = ThinkingMode.Default;
    }
}

internal enum ThinkingMode
{
    Default,
    On,
    Off,
}

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

    /// <summary>Something other than user and assistant turns of plain text: <see cref="BlockRules"/> has to read it.</summary>
    public bool NeedsCloseLook { get; set; }

    /// <summary>Ends of message blocks with a cache mark, as positions in the params.</summary>
    public List<CacheMark> MessageMarks { get; } = [];

    /// <summary>The request's own cache mark, which stands for one on its last block; true keeps the prefix for an hour.</summary>
    public bool? WholeMark { get; set; }

    /// <summary>The refusal of the first member whose value is of a wrong kind, or null.</summary>
    public string? WrongKind { get; set; }

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
        MessageMarks.Clear();
        Model = System = OutputConfig = Tools = ToolChoice = Geo = Messages = default;
        MaxTokens = null;
        HasMessages = MessagesEmpty = Streams = HasSampling = NeedsCloseLook = false;
        Unsupported = Unknown = SamplingName = WrongKind = null;
        WholeMark = null;
        Thinking = ThinkingMode.Default;
    }
}

/// <summary>Where a cached prefix ends: bytes from the start of the part that holds the mark.</summary>
internal readonly record struct CacheMark(int End, bool OneHour);

internal enum ThinkingMode
{
    Default,
    On,
    Off,
}

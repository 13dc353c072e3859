using Muster.Simulator.Answers;
using Muster.Simulator.Batches;
using Muster.Simulator.Faults;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Wire;

/// <summary>Everything an endpoint needs; one per simulator.</summary>
internal sealed class Service
{
    private readonly AnswerEngine _engine;
    private FaultDesk _desk;
    private long _calls;

    public Service(SimulatorOptions options, ShelfFolder folder)
    {
        Options = options;
        Models = new ModelTable(options.ExtraModels);
        _engine = AnswerEngine.For(options);
        _desk = new FaultDesk(options.Faults, options.Seed);
        BatchCalls = new RateLimiter(options.RequestsPerMinute);
        SyncCalls = new RateLimiter(options.RequestsPerMinute);
        CountCalls = new RateLimiter(options.RequestsPerMinute * 2);
        Shelf = new Shelf(options, folder, NewLines);
    }

    public SimulatorOptions Options { get; }

    public ModelTable Models { get; }

    public PromptParts Parts { get; } = new();

    public Shelf Shelf { get; }

    public RateLimiter BatchCalls { get; }

    public RateLimiter SyncCalls { get; }

    public RateLimiter CountCalls { get; }

    public VirtualClock Clock { get; set; } = null!;

    public string BaseUrl { get; set; } = "";

    public FaultDesk Desk => Volatile.Read(ref _desk);

    public void SetFaults(FaultPlan plan) => Volatile.Write(ref _desk, new FaultDesk(plan, Options.Seed));

    public bool LiveCounts => Options.Wire.LiveCounts || Desk.Plan.LiveCounts;

    public MessageMaker NewMessages() => new(Options.Seed, Parts, _engine);

    public LineMaker NewLines() => new(Options.Seed, Models, NewMessages());

    /// <summary>The 404 of a batch that is not there for this caller; deleted ones may have a status of their own.</summary>
    public Reply NoBatch(string id, Call call)
    {
        var text = Options.Wire.ShortNotFound ? "Not found" : $"Message Batch {id} not found.";
        var status = Options.Wire.DeletedStatus;
        return status != 404 && Shelf.WasDeleted(id)
            ? Reply.Error(status, ErrorTypes.TypeOf(status), text, call.RequestId) with { ShouldRetry = false }
            : Reply.NotFound(text, call.RequestId);
    }

    public string NewRequestId() => Chance.Id("req_01", Chance.Mix(Options.Seed ^ 0x4E9, (ulong)Interlocked.Increment(ref _calls)));

    public string WorkspaceId(string name) => Chance.Id("wrkspc_01", Chance.Hash(Options.Seed ^ 0x3B, name));

    public string OrganizationId()
    {
        var hex = $"{Chance.Mix(Options.Seed, 0x06):x16}{Chance.Mix(Options.Seed, 0x16):x16}";
        return $"{hex[..8]}-{hex[8..12]}-{hex[12..16]}-{hex[16..20]}-{hex[20..]}";
    }

    public void Reset()
    {
        Shelf.Clear();
        SetFaults(Desk.Plan);
        Interlocked.Exchange(ref _calls, 0);
    }
}

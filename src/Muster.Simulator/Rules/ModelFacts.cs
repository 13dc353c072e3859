using System.Text;

namespace Muster.Simulator.Rules;

/// <summary>What the API enforces per model. Source: the price and limit tables of November 2026.</summary>
internal sealed record ModelFacts(string Id, int MaxOutput, int MinCacheable, bool Thinks, bool TakesSampling, string Geo)
{
    /// <summary>The limit of output-300k-2026-03-24.</summary>
    public const int LongestOutput = 300_000;

    private const int Wide = 128_000;
    private static readonly Dictionary<string, ModelFacts> ById = Build();

    /// <summary>The models of October 2026 that take the 300k beta.</summary>
    public bool LongOutput { get; } = Id is "claude-opus-5-5" or "claude-opus-5" or "claude-sonnet-5-5" or "claude-sonnet-5" or "claude-haiku-5-5"
        or "claude-opus-4-8" or "claude-opus-4-7" or "claude-opus-4-6" or "claude-sonnet-4-6";

    public ModelPrices? Prices { get; } = ModelPrices.Of(Id);

    public byte[] IdUtf8 { get; } = Encoding.UTF8.GetBytes(Id);

    public byte[] GeoUtf8 { get; } = Encoding.UTF8.GetBytes(Geo);

    public static Dictionary<string, ModelFacts>.AlternateLookup<ReadOnlySpan<char>> Lookup(IReadOnlyList<string> extra)
    {
        var table = new Dictionary<string, ModelFacts>(ById, StringComparer.Ordinal);
        foreach (var id in extra)
        {
            table.TryAdd(id, new ModelFacts(id, Wide, 1024, Thinks: false, TakesSampling: true, "global"));
        }

        return table.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    private static Dictionary<string, ModelFacts> Build()
    {
        var table = new Dictionary<string, ModelFacts>(StringComparer.Ordinal);
        foreach (var id in (string[])["claude-fable-5-2", "claude-mythos-5-2", "claude-mythos-5-1", "claude-mythos-5", "claude-fable-5-1", "claude-fable-5",
            "claude-opus-5-5", "claude-opus-5", "claude-haiku-5-5"])
        {
            table[id] = new ModelFacts(id, Wide, 512, Thinks: true, TakesSampling: false, "global");
        }

        table["claude-sonnet-5-5"] = new ModelFacts("claude-sonnet-5-5", Wide, 1024, Thinks: true, TakesSampling: false, "global");
        table["claude-sonnet-5"] = new ModelFacts("claude-sonnet-5", Wide, 1024, Thinks: true, TakesSampling: false, "global");
        table["claude-opus-4-8"] = new ModelFacts("claude-opus-4-8", Wide, 1024, Thinks: false, TakesSampling: false, "global");
        table["claude-opus-4-7"] = new ModelFacts("claude-opus-4-7", Wide, 2048, Thinks: false, TakesSampling: false, "global");
        table["claude-opus-4-6"] = new ModelFacts("claude-opus-4-6", Wide, 4096, Thinks: false, TakesSampling: true, "global");
        table["claude-sonnet-4-6"] = new ModelFacts("claude-sonnet-4-6", Wide, 1024, Thinks: false, TakesSampling: true, "global");
        Add("claude-opus-4-5-20251101", "claude-opus-4-5", 4096);
        Add("claude-sonnet-4-5-20250929", "claude-sonnet-4-5", 1024);
        Add("claude-haiku-4-5-20251001", "claude-haiku-4-5", 4096);
        return table;

        void Add(string id, string alias, int minCacheable) =>
            table[id] = table[alias] = new ModelFacts(id, 64_000, minCacheable, Thinks: false, TakesSampling: true, "not_available");
    }
}

using Muster.Simulator.Answers;
using Muster.Simulator.Faults;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Batches;

/// <summary>Takes the rows of one create: refuses repeated ids, decides each row's fate, spills the rest to disk.</summary>
internal sealed class RowIntake(RowSpill spill, FaultDesk desk, ModelTable models, PromptParts parts, WarmPrefixes warm, IntakeRules rules)
{
    private readonly CompactSet _ids = new();
    private readonly RequestFacts _facts = new();
    private readonly Ask _ask = new();
    private readonly byte[] _folded = new byte[64];

    public bool HasUnfinished { get; private set; }

    /// <summary>Cache prefixes that the batch writes, and whether each is kept for an hour.</summary>
    public Dictionary<ulong, bool> Prefixes { get; } = [];

    public string? Take(int index, ReadOnlySpan<byte> id, ReadOnlySpan<byte> parameters)
    {
        if (!_ids.Add(Chance.Hash(7, rules.FoldIds ? Folded(id) : id)))
        {
            return CreateRules.Duplicate(id);
        }

        ParamsReader.Read(parameters, _facts);
        var modelId = _facts.Model.Of(parameters);
        var model = models.Find(modelId);
        if (rules.RefuseSampling && model is not null && ParamsRules.JudgeSampling(_facts, model, rules.Version) is { } refused)
        {
            return $"requests.{index}.params.{refused.Message}";
        }

        var row = RowIdentity.Of(id);
        var fate = ParamsRules.Judge(parameters, _facts, model, rules.Version, Mode.Batch) is null ? Draw(row, modelId, parameters) : RowFate.Invalid;
        HasUnfinished |= fate == RowFate.Unfinished;
        var warmth = model is null ? (byte)0 : Warmth(row, parameters, model);
        spill.Add(id, parameters, row.Hash, (byte)((byte)fate | warmth));
        return null;
    }

    private RowFate Draw(in RowIdentity row, ReadOnlySpan<byte> model, ReadOnlySpan<byte> parameters)
    {
        if (!desk.ReadsText)
        {
            return desk.Fate(row, model, default);
        }

        _ask.ReadText(parameters, _facts);
        return desk.Fate(row, model, _ask.Text);
    }

    private byte Warmth(in RowIdentity row, ReadOnlySpan<byte> parameters, ModelFacts model)
    {
        var system = parts.System(_facts.System.Of(parameters));
        if (!system.Marked)
        {
            return 0;
        }

        var prefix = Chance.Hash(system.Hash, model.IdUtf8);
        Prefixes[prefix] = system.OneHour;
        var reads = warm.Holds(prefix, rules.Now) && Chance.Unit(Chance.Mix(row.Hash, 0xCAC4E)) < rules.CacheHitRate;
        return reads ? RowFates.WarmBit : (byte)0;
    }

    private ReadOnlySpan<byte> Folded(ReadOnlySpan<byte> id)
    {
        global::System.Text.Ascii.ToLower(id, _folded, out var length);
        return _folded.AsSpan(0, length);
    }
}

internal sealed record IntakeRules(string Version, DateTimeOffset Now, bool FoldIds, bool RefuseSampling, double CacheHitRate);

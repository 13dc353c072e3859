using System.Text;
using Muster.Simulator.Answers;
using Muster.Simulator.Faults;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Batches;

/// <summary>Takes the rows of one create: refuses repeated ids, decides each row's fate, spills the rest to disk.</summary>
internal sealed class RowIntake(RowSpill spill, FaultDesk desk, ModelTable models, PromptParts parts, WarmPrefixes warm, IntakeRules rules)
{
    /// <summary>A prompt has few prefixes; marks on rows of their own text would be one each, and are not kept beyond this.</summary>
    private const int MaxPrefixes = 1_024;

    private readonly CompactSet _ids = new();
    private readonly RequestFacts _facts = new();
    private readonly CachePrefixes _prefixes = new(parts);
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
        if (rules.RefuseNewVersion && model is not null && ParamsRules.JudgeNewVersion(parameters, _facts, model, rules.Terms) is { } refused)
        {
            return $"requests.{index}.params.{refused.Message}";
        }

        var row = RowIdentity.Of(id);
        var fate = ParamsRules.Judge(parameters, _facts, model, rules.Terms) is null ? Draw(row, modelId, parameters) : RowFate.Invalid;
        HasUnfinished |= fate == RowFate.Unfinished;
        var warmth = fate == RowFate.Invalid ? 0 : Warmth(row, parameters, model!);
        spill.Add(id, parameters, row.Hash, (byte)((byte)fate | (warmth << RowFates.WarmShift)));
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

    /// <summary>How many of the row's prefixes, counted from the shortest, are read from the cache.</summary>
    private int Warmth(in RowIdentity row, ReadOnlySpan<byte> parameters, ModelFacts model)
    {
        var level = 0;
        var found = _prefixes.Find(parameters, _facts, model);
        for (var i = 0; i < found.Length; i++)
        {
            if (Prefixes.Count < MaxPrefixes)
            {
                Prefixes[found[i].Hash] = found[i].OneHour;
            }

            var rate = warm.HoldsFromBatch(found[i].Hash, rules.Now) ? rules.HitRate
                : warm.HoldsFromSync(found[i].Hash, rules.Now) ? rules.HitRateAfterSync
                : 0;
            level = rate > 0 && Chance.Unit(Chance.Mix(row.Hash, 0xCAC4E)) < rate ? i + 1 : level;
        }

        return level;
    }

    private ReadOnlySpan<byte> Folded(ReadOnlySpan<byte> id)
    {
        Ascii.ToLower(id, _folded, out var length);
        return _folded.AsSpan(0, length);
    }
}

internal sealed record IntakeRules(Terms Terms, DateTimeOffset Now, bool FoldIds, bool RefuseNewVersion, double HitRate, double HitRateAfterSync);

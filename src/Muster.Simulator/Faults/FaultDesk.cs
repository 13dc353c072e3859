using System.Collections.Concurrent;
using System.Text;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Faults;

/// <summary>Applies one plan: counts calls and attempts, draws by seed. A new plan gets a new desk, so its counting starts at 1.</summary>
internal sealed class FaultDesk
{
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _attempts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<CallFault>> _injected = new(StringComparer.Ordinal);
    private readonly ulong _seed;
    private readonly (RowFate Fate, double Share)[] _rates;
    private readonly (RowRule Rule, RowFate Fate)[] _rules;

    public FaultDesk(FaultPlan plan, ulong seed)
    {
        FaultPlanFile.Check(plan);
        Plan = plan;
        _seed = plan.Seed ?? seed;
        _rates = [.. plan.Rates.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => (RowFates.Parse(r.Key)!.Value, r.Value))];
        _rules = [.. plan.Rows.Select(r => (r, RowFates.Parse(r.Outcome)!.Value))];
    }

    public FaultPlan Plan { get; }

    public bool ReadsText => _rules.Length > 0;

    /// <summary>Waits for the next call of its endpoint, or for as many as <see cref="CallFault.First"/> says, before any rule of the plan.</summary>
    public void Inject(CallFault fault)
    {
        for (var i = 0; i < Math.Max(1, fault.First); i++)
        {
            _injected.GetOrAdd(fault.Endpoint, _ => new()).Enqueue(fault);
        }
    }

    public CallFault? Next(string endpoint)
    {
        var number = _calls.AddOrUpdate(endpoint, 1, (_, n) => n + 1);
        var overall = _calls.AddOrUpdate(CallNames.Any, 1, (_, n) => n + 1);
        if ((TakeInjected(endpoint) ?? TakeInjected(CallNames.Any)) is { } injected)
        {
            return injected;
        }

        for (var i = 0; i < Plan.Calls.Count; i++)
        {
            var fault = Plan.Calls[i];
            if (fault.Endpoint == endpoint ? Picks(fault, number, i) : fault.Endpoint == CallNames.Any && Picks(fault, overall, i))
            {
                return fault;
            }
        }

        return null;
    }

    public RowFate Fate(in RowIdentity row, ReadOnlySpan<byte> model, ReadOnlySpan<char> text)
    {
        for (var i = 0; i < _rules.Length; i++)
        {
            var (rule, fate) = _rules[i];
            if (text.Contains(rule.Contains, StringComparison.Ordinal) && HoldsModel(model, rule.Model)
                && (rule.Times == 0 || _attempts.AddOrUpdate($"{i} {row.KeyHash:x}", 1, (_, n) => n + 1) <= rule.Times))
            {
                return Settle(fate);
            }
        }

        var draw = Chance.Unit(Chance.Mix(row.Hash, _seed ^ 0xFA7E));
        foreach (var (fate, share) in _rates)
        {
            if (draw < share)
            {
                return Settle(fate);
            }

            draw -= share;
        }

        return Plan.Models.Count == 0 ? RowFate.Succeeded : ModelFate(row, model);
    }

    private CallFault? TakeInjected(string endpoint) =>
        _injected.TryGetValue(endpoint, out var queue) && queue.TryDequeue(out var fault) ? fault : null;

    private RowFate ModelFate(in RowIdentity row, ReadOnlySpan<byte> model)
    {
        foreach (var faults in Plan.Models)
        {
            if (!HoldsModel(model, faults.Model))
            {
                continue;
            }

            var draw = Chance.Unit(Chance.Mix(row.Hash, _seed ^ 0x30DE1));
            return (draw -= faults.Broken) < 0 ? RowFate.Broken
                : (draw -= faults.Violation) < 0 ? RowFate.Violation
                : (draw -= faults.Wrong) < 0 ? RowFate.Wrong
                : (draw -= faults.Refusal) < 0 ? RowFate.Refusal
                : draw - faults.Truncated < 0 ? RowFate.Truncated
                : RowFate.Succeeded;
        }

        return RowFate.Succeeded;
    }

    private RowFate Settle(RowFate fate) => fate == RowFate.Expired && !Plan.ExpireWithoutWait ? RowFate.Unfinished : fate;

    private bool Picks(CallFault fault, int number, int index) =>
        fault.Nth.Count > 0 ? fault.Nth.Contains(number)
        : fault.First > 0 ? number <= fault.First
        : fault.Every > 0 ? number % fault.Every == 0
        : fault.Probability > 0 && Chance.Unit(Chance.Mix(Chance.Hash(_seed, fault.Endpoint), ((ulong)index << 32) | (uint)number)) < fault.Probability;

    private static bool HoldsModel(ReadOnlySpan<byte> model, string part)
    {
        if (part.Length == 0)
        {
            return true;
        }

        Span<byte> wanted = stackalloc byte[256];
        return Encoding.UTF8.TryGetBytes(part, wanted, out var length) && model.IndexOf(wanted[..length]) >= 0;
    }
}

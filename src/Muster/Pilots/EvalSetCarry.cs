using Muster.Evals;

namespace Muster.Pilots;

/// <summary>An eval set with what people had put into the one before it.</summary>
/// <param name="Kept">Keys of cases that stay as people made them.</param>
/// <param name="KeptFields">Pointers that stay compared as people said.</param>
/// <param name="New">Cases of the pilot that the set before had not, or had with another answer.</param>
/// <param name="Unfit">Keys of people's cases that the contract no longer allows: they stay behind, in the set that was there.</param>
internal sealed record CarriedSet(EvalSet Set, IReadOnlyList<string> Kept, IReadOnlyList<string> KeptFields, int New, IReadOnlyList<string> Unfit);

/// <summary>
/// Takes over from the eval set that is there what people put into it. Pure. A case is theirs unless it is, byte for byte, what a pilot of
/// the job answered by itself; a comparator is theirs unless a pilot's contract gives the same one.
/// </summary>
/// <param name="own">What pilots answered by themselves, each case as it is written.</param>
/// <param name="comparators">What pilots' contracts gave: pointers with their comparators, as they are written.</param>
/// <param name="schemaJson">The contract that the new set is for.</param>
internal sealed class EvalSetCarry(IReadOnlySet<string> own, IReadOnlySet<string> comparators, string schemaJson)
{
    /// <summary>A case in the form in which <c>own</c> has it.</summary>
    public static string Written(EvalCase one) => EvalSetWriter.Hash(new Dictionary<string, Comparator>(), [one]);

    /// <summary>A comparator in the form in which <c>comparators</c> has it.</summary>
    public static string Written(string pointer, Comparator by) => EvalSetWriter.Hash(new Dictionary<string, Comparator> { [pointer] = by }, []);

    /// <param name="fresh">What the pilot gives. Its order stays; people's other cases follow.</param>
    public CarriedSet Over(EvalSet there, EvalSet fresh)
    {
        var shape = new OutputShape(schemaJson, "contract");
        var theirFields = there.Fields.Where(field => fresh.Fields.ContainsKey(field.Key) && !comparators.Contains(Written(field.Key, field.Value))).ToDictionary(field => field.Key, field => field.Value);
        var fields = new SortedDictionary<string, Comparator>(StringComparer.Ordinal);
        foreach (var (pointer, by) in fresh.Fields)
            fields[pointer] = theirFields.GetValueOrDefault(pointer, by);

        var before = there.Cases.ToDictionary(one => one.Key);
        var newer = fresh.Cases.ToDictionary(one => one.Key);
        var (theirs, unfit) = (new Dictionary<string, EvalCase>(), new List<string>());
        foreach (var one in there.Cases.Where(one => IsTheirs(one, newer.GetValueOrDefault(one.Key))))
        {
            if (Fit(one, fields, shape) is { } fit)
                theirs[one.Key] = fit;
            else
                unfit.Add(one.Key);
        }

        List<EvalCase> cases =
        [
            .. fresh.Cases.Select(one => theirs.GetValueOrDefault(one.Key, one)),
            .. there.Cases.Where(one => theirs.ContainsKey(one.Key) && !newer.ContainsKey(one.Key)).Select(one => theirs[one.Key]),
        ];
        var added = fresh.Cases.Count(one => !theirs.ContainsKey(one.Key) && (!before.TryGetValue(one.Key, out var old) || Written(old) != Written(one)));
        var set = new EvalSet(there.Id, there.Version + 1, EvalSetWriter.Hash(fields, cases), fields, cases);
        return new CarriedSet(set, [.. theirs.Keys], [.. theirFields.Keys.Order(StringComparer.Ordinal)], added, unfit);
    }

    /// <summary>A decision of the pilot's review that came after the one that a case is from takes its place.</summary>
    private bool IsTheirs(EvalCase one, EvalCase? fresh) => PilotEvalSet.DecisionOf(one) is { } decided
        ? fresh is null || PilotEvalSet.DecisionOf(fresh) is not { } later || later <= decided
        : !own.Contains(Written(one));

    /// <summary>The case without fields that the contract lacks; null when nothing is left, or the contract refuses what is expected.</summary>
    private static EvalCase? Fit(EvalCase one, IReadOnlyDictionary<string, Comparator> fields, OutputShape shape)
    {
        var expect = one.Expect.Where(field => fields.ContainsKey(field.Key)).ToDictionary(field => field.Key, field => field.Value);
        if (expect.Count == 0)
            return null;
        try
        {
            shape.RequireValues(expect);
        }
        catch (LineFaultException)
        {
            return null;
        }

        return expect.Count == one.Expect.Count ? one : one with { Expect = expect };
    }
}

namespace Muster.Drift.Checks;

/// <summary>A category field of two runs, its counts side by side under one order of names.</summary>
internal sealed record CategoryPair(string Pointer, int Index, int ReferenceIndex, IReadOnlyList<string> Names, IReadOnlyList<int> Current, IReadOnlyList<int> Reference)
{
    public const string NoField = "The two runs have no category field in common.";

    public static IReadOnlyList<CategoryPair> All(RunProfile current, RunProfile reference)
    {
        var now = Categories(current);
        var before = Categories(reference);
        return [.. now.Join(before, field => field.Field.Pointer, field => field.Field.Pointer, (left, right) => Of(left.Field, left.Index, right.Field, right.Index))];
    }

    public long[] CountsOf(SliceProfile slice, bool isReference)
    {
        var counts = slice.Categories[isReference ? ReferenceIndex : Index];
        return [.. (isReference ? Reference : Current).Select(number => number >= 0 && number < counts.Count ? counts[number] : 0)];
    }

    private static CategoryPair Of(FieldProfile current, int index, FieldProfile reference, int referenceIndex)
    {
        var names = current.Categories.Union(reference.Categories).ToList();
        return new CategoryPair(current.Pointer, index, referenceIndex, names, Numbers(names, current), Numbers(names, reference));
    }

    private static IReadOnlyList<int> Numbers(IEnumerable<string> names, FieldProfile field)
    {
        var numbers = field.Categories.Select((name, number) => (name, number)).ToDictionary(pair => pair.name, pair => pair.number);
        return [.. names.Select(name => numbers.GetValueOrDefault(name, -1))];
    }

    private static IEnumerable<(FieldProfile Field, int Index)> Categories(RunProfile profile) =>
        profile.Fields.Where(field => field.Kind == FieldKind.Category).Select((field, index) => (field, index));
}

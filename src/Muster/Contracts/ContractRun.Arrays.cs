using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Muster.Contracts;

internal ref partial struct ContractRun
{
    private bool CheckArray(ArrayRules? rules, scoped ref Utf8JsonReader reader)
    {
        if (rules is null)
        {
            return _quiet > 0 ? Skip(ref reader) : CheckItems(prefix: [], items: null, ref reader) >= 0;
        }

        return rules.UniqueItems || rules.Contains is not null ? CheckArrayTwice(rules, ref reader) : CheckArrayOnce(rules, ref reader) >= 0;
    }

    private bool CheckArrayTwice(ArrayRules rules, scoped ref Utf8JsonReader reader)
    {
        var start = reader;
        var count = CheckArrayOnce(rules, ref reader);
        return count >= 0
            && (rules.Contains is null || CheckContains(rules, rules.Contains, start))
            && (!rules.UniqueItems || count < 2 || CheckUnique(count, start));
    }

    /// <returns>The number of items, or -1 for a failure.</returns>
    private int CheckArrayOnce(ArrayRules rules, scoped ref Utf8JsonReader reader)
    {
        var count = CheckItems(rules.Prefix, rules.Items, ref reader);
        if (count >= 0 && count < rules.MinItems)
        {
            _ = Note("minItems", ref reader) && Say("minItems", $"must have at least {Count(rules.MinItems, "item")}, but has {count}");
            return -1;
        }

        if (count > rules.MaxItems)
        {
            _ = Note("maxItems", ref reader) && Say("maxItems", $"must have at most {Count(rules.MaxItems, "item")}, but has {count}");
            return -1;
        }

        return count;
    }

    private int CheckItems(SchemaNode[] prefix, SchemaNode? items, scoped ref Utf8JsonReader reader)
    {
        var index = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var child = index < prefix.Length ? prefix[index] : items;
            if (child is null ? !Skip(ref reader) : !Check(child, ref reader))
            {
                if (_quiet == 0)
                {
                    Under(index.ToString(CultureInfo.InvariantCulture));
                }

                return -1;
            }

            index++;
        }

        return index;
    }

    private bool CheckContains(ArrayRules rules, SchemaNode contains, Utf8JsonReader start)
    {
        var reader = start;
        var found = 0;
        _quiet++;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var copy = reader;
            found += Check(contains, ref copy) ? 1 : 0;
            reader.Skip();
        }

        _quiet--;
        if (found < rules.MinContains)
        {
            var keyword = rules.MinContains == 1 ? "contains" : "minContains";
            return Note(keyword, ref start)
                && Say(keyword, $"must contain at least {Count(rules.MinContains, "matching item")}, but has {found}");
        }

        return found <= rules.MaxContains || (Note("maxContains", ref start)
            && Say("maxContains", $"must contain at most {Count(rules.MaxContains, "matching item")}, but has {found}"));
    }

    private bool CheckUnique(int count, Utf8JsonReader start)
    {
        var reader = start;
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count * 2);
        var heads = ArrayPool<int>.Shared.Rent(size);
        var items = ArrayPool<UniqueItem>.Shared.Rent(count);
        heads.AsSpan(0, size).Fill(-1);
        _canonical.Clear();
        var repeated = -1;
        for (var i = 0; i < count && repeated < 0; i++)
        {
            reader.Read();
            var from = _canonical.Length;
            _canonical.Append(ref reader);
            if (!Charge(_canonical.Length - from + 32, ref start))
            {
                repeated = 0;
                break;
            }

            // Seeded per process: an output cannot be written to collide, and the outcome does not depend on the seed.
            var hash = new HashCode();
            hash.AddBytes(_canonical[from, _canonical.Length]);
            ref var head = ref heads[hash.ToHashCode() & (size - 1)];
            for (var other = head; other >= 0; other = items[other].Next)
            {
                if (_canonical[items[other].Start, items[other].End].SequenceEqual(_canonical[from, _canonical.Length]))
                {
                    repeated = i;
                    _ = Note("uniqueItems", ref start) && Say("uniqueItems", $"must not repeat an item, but items {other} and {i} are equal");
                    break;
                }
            }

            items[i] = new UniqueItem(from, _canonical.Length, head);
            head = i;
        }

        ArrayPool<int>.Shared.Return(heads);
        ArrayPool<UniqueItem>.Shared.Return(items);
        return repeated < 0;
    }

    private readonly record struct UniqueItem(int Start, int End, int Next);
}

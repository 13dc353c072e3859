using System.Text.Json;

namespace Muster.Contracts;

internal ref partial struct ContractRun
{
    private bool CheckObject(ObjectRules? rules, scoped ref Utf8JsonReader reader)
    {
        if (rules is null)
        {
            if (_quiet > 0)
            {
                return Skip(ref reader);
            }

            rules = ObjectRules.Open;
        }

        var words = (rules.Texts.Length + 63) >> 6;
        var seen = words <= 4 ? stackalloc ulong[4] : new ulong[words];
        var from = _names.Count;
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            count++;
            var name = Content(ref reader);
            var slot = rules.Names.Find(name);
            SchemaNode? child = null;
            if (slot >= 0)
            {
                ref var word = ref seen[slot >> 6];
                if ((word & (1UL << slot)) != 0)
                {
                    return FailDuplicate((int)reader.TokenStartIndex, ref reader);
                }

                word |= 1UL << slot;
                child = rules.Children[slot];
            }
            else if (_quiet == 0
                && !_names.Add(_text, (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length, reader.ValueIsEscaped, from))
            {
                return FailDuplicate((int)reader.TokenStartIndex, ref reader);
            }

            if (!CheckProperty(rules, child, ref reader))
            {
                return false;
            }
        }

        if (_quiet == 0 && _names.Close(_text, from) is var repeated && repeated >= 0)
        {
            return FailDuplicate(repeated - 1, ref reader);
        }

        return CheckPresence(rules, seen, count, ref reader);
    }

    private bool CheckProperty(ObjectRules rules, SchemaNode? child, scoped ref Utf8JsonReader reader)
    {
        var nameAt = (int)reader.TokenStartIndex;
        if (rules.PropertyNames is not null && !CheckName(rules.PropertyNames, ref reader))
        {
            return UnderName(nameAt);
        }

        if (rules.Patterns.Length > 0 && !CheckPatterns(rules, ref child, ref reader))
        {
            return UnderName(nameAt);
        }

        reader.Read();
        child ??= rules.Additional;
        if (child is null ? Skip(ref reader) : child.IsNothing && child == rules.Additional ? FailAdditional(ref reader) : Check(child, ref reader))
        {
            return true;
        }

        return UnderName(nameAt);
    }

    private bool CheckName(SchemaNode names, scoped ref Utf8JsonReader reader)
    {
        var copy = reader;
        _quiet++;
        var holds = Check(names, ref copy);
        _quiet--;
        return holds || Fail("propertyNames", ref reader, "must not have this name");
    }

    /// <summary>Checks the value against every pattern that its name matches; one match also closes the way to <c>additionalProperties</c>.</summary>
    private bool CheckPatterns(ObjectRules rules, ref SchemaNode? child, scoped ref Utf8JsonReader reader)
    {
        var value = reader;
        value.Read();
        foreach (var (pattern, node) in rules.Patterns)
        {
            var name = Content(ref reader);
            if (!Charge(name.Length, ref reader))
            {
                return false;
            }

            if (!Matches(pattern, name))
            {
                continue;
            }

            var copy = value;
            if (!Check(node, ref copy))
            {
                return false;
            }

            child ??= SchemaCompiler.Anything;
        }

        return true;
    }

    private bool CheckPresence(ObjectRules rules, scoped ReadOnlySpan<ulong> seen, int count, scoped ref Utf8JsonReader reader)
    {
        foreach (var slot in rules.Required)
        {
            if (!Has(seen, slot))
            {
                return Note("required", ref reader) && Say("required", $"must have the property {Excerpt.Quoted(rules.Texts[slot])}");
            }
        }

        if (count < rules.MinProperties)
        {
            return Note("minProperties", ref reader) && Say("minProperties", $"must have at least {Plural(rules.MinProperties)}, but has {count}");
        }

        if (count > rules.MaxProperties)
        {
            return Note("maxProperties", ref reader) && Say("maxProperties", $"must have at most {Plural(rules.MaxProperties)}, but has {count}");
        }

        foreach (var (slot, needs) in rules.Dependent)
        {
            foreach (var need in needs)
            {
                if (Has(seen, slot) && !Has(seen, need))
                {
                    return Note("dependentRequired", ref reader) && Say("dependentRequired",
                        $"must have the property {Excerpt.Quoted(rules.Texts[need])} because it has {Excerpt.Quoted(rules.Texts[slot])}");
                }
            }
        }

        return true;
    }

    private static bool Has(scoped ReadOnlySpan<ulong> seen, int slot) => (seen[slot >> 6] & (1UL << slot)) != 0;

    private static string Plural(int count) => count == 1 ? "1 property" : $"{count} properties";

    private bool FailAdditional(scoped ref Utf8JsonReader reader) =>
        Note("additionalProperties", ref reader) && Say("additionalProperties", "is a property that the contract does not know");

    private bool FailDuplicate(int nameAt, scoped ref Utf8JsonReader reader)
    {
        _ = Note("duplicate", ref reader) && Say("duplicate", "must appear once in its object");
        return UnderName(nameAt);
    }

    private readonly bool UnderName(int nameAt)
    {
        if (_quiet == 0)
        {
            var name = new Utf8JsonReader(_text[nameAt..], isFinalBlock: false, state: default);
            name.Read();
            Under(JsonText.Decode(name.ValueSpan, name.ValueIsEscaped));
        }

        return false;
    }
}

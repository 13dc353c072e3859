using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Muster.Contracts;

internal ref partial struct ContractRun
{
    // Apart from Check, so that the copies of the reader do not enlarge the frame of every plain value.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool CheckCombined(SchemaNode node, scoped ref Utf8JsonReader reader)
    {
        // The compiler bounds how far combinations nest; this bounds what they cost on a small stack.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return FailBudget(ref reader);
        }

        var start = reader;
        if (!CheckOwn(node, ref reader))
        {
            return false;
        }

        foreach (var combination in node.Combined!)
        {
            if (!Check(combination, ref start))
            {
                return false;
            }
        }

        return true;
    }

    private bool Check(Combination combination, scoped ref Utf8JsonReader start) => combination.Kind switch
    {
        CombinationKind.All => CheckAll(combination, ref start),
        CombinationKind.Any => CheckAny(combination, ref start),
        CombinationKind.One => CheckOne(combination, ref start),
        CombinationKind.Not => !Holds(combination.Parts[0], ref start) && !_isSpent
            || Fail("not", ref start, "must not match the schema under \"not\""),
        CombinationKind.If => CheckIf(combination, ref start),
        _ => CheckDependent(combination, ref start),
    };

    private bool CheckAll(Combination combination, scoped ref Utf8JsonReader start)
    {
        foreach (var part in combination.Parts)
        {
            var copy = start;
            if (!Check(part, ref copy))
            {
                return false;
            }
        }

        return true;
    }

    private bool CheckAny(Combination combination, scoped ref Utf8JsonReader start)
    {
        SchemaNode? nearest = null;
        var nearestRank = 0L;
        foreach (var part in combination.Parts)
        {
            if (Holds(part, ref start))
            {
                return true;
            }

            // Of the alternatives, the one whose type fits and that got furthest is the one that was meant.
            var rank = ((_failedAt - start.TokenStartIndex) * 2) + (_failedKeyword == "type" && _failedAt == start.TokenStartIndex ? 0 : 1);
            nearest = rank > nearestRank ? part : rank == nearestRank ? null : nearest;
            nearestRank = Math.Max(rank, nearestRank);
        }

        if (nearest is not null && _quiet == 0 && !_isSpent)
        {
            var copy = start;
            if (!Check(nearest, ref copy))
            {
                return false;
            }
        }

        return Note(combination.Keyword, ref start) && Record(ContractResultKind.Schema, combination.Keyword,
            $"must match one of the {combination.Parts.Length} alternatives under \"{combination.Keyword}\"", Found(ref start));
    }

    private bool CheckOne(Combination combination, scoped ref Utf8JsonReader start)
    {
        var matches = 0;
        foreach (var part in combination.Parts)
        {
            matches += Holds(part, ref start) ? 1 : 0;
        }

        return matches switch
        {
            1 => true,
            0 => CheckAny(combination, ref start),
            _ => Note("oneOf", ref start) && Record(ContractResultKind.Schema, "oneOf",
                $"must match exactly one of the {combination.Parts.Length} alternatives under \"oneOf\", not {matches}", Found(ref start)),
        };
    }

    private bool CheckIf(Combination combination, scoped ref Utf8JsonReader start)
    {
        var branch = Holds(combination.Parts[0], ref start) ? combination.Then : combination.Else;
        var copy = start;
        return branch is null ? !_isSpent : Check(branch, ref copy);
    }

    private bool CheckDependent(Combination combination, scoped ref Utf8JsonReader start)
    {
        if (start.TokenType != JsonTokenType.StartObject)
        {
            return true;
        }

        var names = start;
        while (names.Read() && names.TokenType != JsonTokenType.EndObject)
        {
            if (!Charge(32, ref start))
            {
                return false;
            }

            if (Content(ref names).SequenceEqual(combination.Property))
            {
                var copy = start;
                return Check(combination.Parts[0], ref copy);
            }

            names.Read();
            var from = names.TokenStartIndex;
            names.Skip();
            if (!Charge(names.TokenStartIndex - from, ref start))
            {
                return false;
            }
        }

        return true;
    }

    private bool Holds(SchemaNode node, scoped ref Utf8JsonReader start)
    {
        var copy = start;
        _quiet++;
        var holds = Check(node, ref copy);
        _quiet--;
        return holds;
    }
}

using System.Text.RegularExpressions;

namespace Muster.Contracts;

[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Object = 4,
    Array = 8,
    String = 16,
    Number = 32,
    Integer = 64,
    Any = Null | Boolean | Object | Array | String | Number,
}

/// <summary>
/// One compiled schema. References make the graph cyclic, so the compiler fills nodes in place; after it no member changes and any
/// number of threads may check against it.
/// </summary>
internal sealed class SchemaNode(string pointer)
{
    /// <summary>Where the schema stands in its document.</summary>
    public string Pointer { get; } = pointer;

    public bool Allows(JsonTypes type) => (Types & type) != JsonTypes.None;

    /// <summary>The schema <c>false</c>.</summary>
    public bool IsNothing { get; set; }

    public JsonTypes Types { get; set; } = JsonTypes.Any;
    public ValueSet? Enum { get; set; }
    public ValueSet? Const { get; set; }
    public NumberRules? Numbers { get; set; }
    public StringRules? Strings { get; set; }
    public ArrayRules? Arrays { get; set; }
    public ObjectRules? Objects { get; set; }

    /// <summary>What applies to the same value again, in the order in which it is tried; null for nothing.</summary>
    public Combination[]? Combined { get; set; }

    /// <summary>The target of <c>$ref</c>; null without one.</summary>
    public SchemaNode? Ref { get; set; }

    /// <summary>Set when the node is a <c>$ref</c> and nothing else.</summary>
    public SchemaNode? Forward { get; set; }
}

/// <summary>Allowed values. Strings and the three words stand apart because they are common.</summary>
internal sealed record ValueSet
{
    public required Utf8Names Strings { get; init; }

    /// <summary>Numbers, arrays and objects in the spelling of <see cref="CanonicalJson"/>.</summary>
    public required Utf8Names Others { get; init; }

    public required bool Null { get; init; }
    public required bool True { get; init; }
    public required bool False { get; init; }

    /// <summary>Every value as JSON, for messages.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>Strings as they are, the others as JSON, without null.</summary>
    public required IReadOnlyList<string> Plain { get; init; }
}

internal sealed record NumberLimit(byte[] Token, long? Small);

internal sealed record Divisor(byte[] Token, ulong Mantissa, long Exponent);

internal sealed record NumberRules
{
    public NumberLimit? Minimum { get; init; }
    public NumberLimit? Maximum { get; init; }
    public NumberLimit? ExclusiveMinimum { get; init; }
    public NumberLimit? ExclusiveMaximum { get; init; }
    public Divisor? MultipleOf { get; init; }
}

/// <param name="Source">As written in the schema.</param>
/// <param name="Regex">Runs in time linear in its input.</param>
internal sealed record SchemaPattern(string Source, Regex Regex);

/// <param name="MinLength">Code points.</param>
/// <param name="MaxLength">Code points.</param>
/// <param name="Pattern">Null for none.</param>
internal sealed record StringRules(int MinLength, int MaxLength, SchemaPattern? Pattern);

internal sealed record ArrayRules
{
    public SchemaNode[] Prefix { get; init; } = [];
    public SchemaNode? Items { get; init; }
    public int MinItems { get; init; }
    public int MaxItems { get; init; } = int.MaxValue;
    public bool UniqueItems { get; init; }
    public SchemaNode? Contains { get; init; }
    public int MinContains { get; init; } = 1;
    public int MaxContains { get; init; } = int.MaxValue;
}

internal sealed record PatternProperty(SchemaPattern Pattern, SchemaNode Node);

/// <param name="Slot">The name whose presence asks for the others.</param>
/// <param name="Needs">Slots of the others.</param>
internal sealed record DependentNames(int Slot, int[] Needs);

/// <summary>Every name that the schema mentions has a slot; <see cref="Children"/> holds null for a name outside <c>properties</c>.</summary>
internal sealed record ObjectRules
{
    /// <summary>For objects that no keyword speaks about: only repeated names are looked for.</summary>
    public static ObjectRules Open { get; } = new() { Names = new Utf8Names([]), Texts = [], Children = [] };

    public required Utf8Names Names { get; init; }
    public required string[] Texts { get; init; }
    public required SchemaNode?[] Children { get; init; }
    public int[] Required { get; init; } = [];
    public SchemaNode? Additional { get; init; }
    public PatternProperty[] Patterns { get; init; } = [];
    public SchemaNode? PropertyNames { get; init; }
    public int MinProperties { get; init; }
    public int MaxProperties { get; init; } = int.MaxValue;
    public DependentNames[] Dependent { get; init; } = [];
}

internal enum CombinationKind { All, Any, One, Not, If, Dependent }

/// <param name="Kind">How the parts are joined.</param>
/// <param name="Keyword">The keyword it was written as.</param>
/// <param name="Parts">For <see cref="CombinationKind.If"/> the condition alone.</param>
internal sealed record Combination(CombinationKind Kind, string Keyword, SchemaNode[] Parts)
{
    public SchemaNode? Then { get; init; }
    public SchemaNode? Else { get; init; }

    /// <summary>The property whose presence makes a <see cref="CombinationKind.Dependent"/> part apply.</summary>
    public byte[] Property { get; init; } = [];
}

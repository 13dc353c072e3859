using System.Text;
using System.Text.Json;

namespace Muster.Contracts;

internal sealed partial class SchemaCompiler
{
    private sealed partial class Source
    {
        public NumberRules? Numbers()
        {
            var rules = new NumberRules
            {
                Minimum = Limit("minimum"),
                Maximum = Limit("maximum"),
                ExclusiveMinimum = Limit("exclusiveMinimum"),
                ExclusiveMaximum = Limit("exclusiveMaximum"),
                MultipleOf = Divisor(),
            };
            return rules == new NumberRules() ? null : rules;
        }

        public StringRules? Strings()
        {
            var rules = new StringRules(Count("minLength", 0), Count("maxLength", int.MaxValue), Pattern("pattern", Text("pattern")));
            return rules == new StringRules(0, int.MaxValue, Pattern: null) ? null : rules;
        }

        public ArrayRules? Arrays()
        {
            string[] keywords = ["prefixItems", "items", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains"];
            if (!keywords.Any(Has))
            {
                return null;
            }

            return new ArrayRules
            {
                Prefix = List("prefixItems") ?? [],
                Items = SubOrNull("items"),
                MinItems = Count("minItems", 0),
                MaxItems = Count("maxItems", int.MaxValue),
                UniqueItems = Flag("uniqueItems"),
                Contains = SubOrNull("contains"),
                MinContains = Count("minContains", 1),
                MaxContains = Count("maxContains", int.MaxValue),
            };
        }

        public ObjectRules? Objects()
        {
            string[] keywords =
            [
                "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties",
                "dependentRequired",
            ];
            if (!keywords.Any(Has))
            {
                return null;
            }

            var slots = new Dictionary<string, int>();
            var properties = Map("properties");
            var children = properties.Select(name => Sub("properties", name)).ToList();
            foreach (var name in properties)
            {
                Slot(slots, name);
            }

            var required = (element.TryGetProperty("required", out var names) ? Names("required", names) : []).Select(name => Slot(slots, name)).ToArray();
            var dependent = DependentNames().Select(pair => new DependentNames(
                Slot(slots, pair.Key), [.. pair.Value.Select(name => Slot(slots, name))])).ToArray();
            string[] texts = [.. slots.Keys];
            return new ObjectRules
            {
                Names = new Utf8Names([.. texts.Select(Encoding.UTF8.GetBytes)]),
                Texts = texts,
                Children = [.. children, .. new SchemaNode?[texts.Length - children.Count]],
                Required = required,
                Additional = SubOrNull("additionalProperties"),
                Patterns = [.. Map("patternProperties").Select(PatternNamed).OfType<PatternProperty>()],
                PropertyNames = SubOrNull("propertyNames"),
                MinProperties = Count("minProperties", 0),
                MaxProperties = Count("maxProperties", int.MaxValue),
                Dependent = dependent,
            };
        }

        public Combination[]? Combinations()
        {
            var combinations = new List<Combination>();
            Add(combinations, CombinationKind.All, "allOf");
            Add(combinations, CombinationKind.Any, "anyOf");
            Add(combinations, CombinationKind.One, "oneOf");
            if (SubOrNull("not") is { } not)
            {
                combinations.Add(new Combination(CombinationKind.Not, "not", [not]));
            }

            var (condition, then, otherwise) = (SubOrNull("if"), SubOrNull("then"), SubOrNull("else"));
            if (condition is not null && (then is not null || otherwise is not null))
            {
                combinations.Add(new Combination(CombinationKind.If, "if", [condition]) { Then = then, Else = otherwise });
            }

            combinations.AddRange(Map("dependentSchemas").Select(name =>
                new Combination(CombinationKind.Dependent, "dependentSchemas", [Sub("dependentSchemas", name)]) { Property = Encoding.UTF8.GetBytes(name) }));
            return combinations.Count == 0 ? null : [.. combinations];
        }

        private void Add(List<Combination> combinations, CombinationKind kind, string keyword)
        {
            if (List(keyword) is { } parts)
            {
                combinations.Add(new Combination(kind, keyword, parts));
            }
        }

        private NumberLimit? Limit(string keyword)
        {
            if (!element.TryGetProperty(keyword, out var value))
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.Number)
            {
                return new NumberLimit(Encoding.UTF8.GetBytes(value.GetRawText()), value.TryGetInt64(out var small) ? small : null);
            }

            Wrong(keyword, value, "a number");
            return null;
        }

        private Divisor? Divisor()
        {
            if (Limit("multipleOf") is not { } limit)
            {
                return null;
            }

            var number = new JsonNumber(limit.Token);
            if (!number.IsZero && !number.IsNegative && number.Mantissa is { } mantissa)
            {
                return new Divisor(limit.Token, mantissa, number.Exponent);
            }

            Wrong("multipleOf", element.GetProperty("multipleOf"), "a number above 0 of at most 18 digits");
            return null;
        }

        private PatternProperty? PatternNamed(string source)
        {
            var node = Sub("patternProperties", source);
            return Pattern("patternProperties", source) is { } pattern ? new PatternProperty(pattern, node) : null;
        }

        private Dictionary<string, IReadOnlyList<string>> DependentNames()
        {
            var names = new Dictionary<string, IReadOnlyList<string>>();
            foreach (var name in Map("dependentRequired"))
            {
                names[name] = Names("dependentRequired", element.GetProperty("dependentRequired").GetProperty(name));
            }

            return names;
        }

        private static int Slot(Dictionary<string, int> slots, string name)
        {
            slots.TryAdd(name, slots.Count);
            return slots[name];
        }
    }
}

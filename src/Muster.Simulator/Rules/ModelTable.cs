using System.Text;

namespace Muster.Simulator.Rules;

/// <summary>Finds a model by the raw bytes of its id, without making a string.</summary>
internal sealed class ModelTable(IReadOnlyList<string> extra)
{
    private const int LongestId = 128;
    private readonly Dictionary<string, ModelFacts>.AlternateLookup<ReadOnlySpan<char>> _models = ModelFacts.Lookup(extra);

    public ModelFacts? Find(ReadOnlySpan<byte> id)
    {
        if (id.Length > LongestId)
        {
            return null;
        }

        Span<char> chars = stackalloc char[LongestId];
        return _models.TryGetValue(chars[..Encoding.UTF8.GetChars(id, chars)], out var model) ? model : null;
    }
}

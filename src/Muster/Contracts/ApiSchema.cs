using System.Text.Json;
namespace Muster.Contracts;
internal sealed record ApiSchema(string Json, IReadOnlyList<string> Spoken, IReadOnlyList<string> Obstacles)
{
    public static ApiSchema Derive(JsonElement root, CompiledSchema compiled) => new(root.GetRawText(), [], []);
}

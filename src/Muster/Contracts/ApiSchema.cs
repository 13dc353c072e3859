using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Muster.Contracts;

/// <summary>
/// The copy of a contract that structured outputs take: closed objects, only the keywords that the API enforces, and everything else in
/// words. It accepts whatever the contract accepts, apart from properties that the contract does not list.
/// </summary>
/// <param name="Json">The schema text.</param>
/// <param name="Spoken">What the copy leaves out, one sentence each, in document order.</param>
/// <param name="Obstacles">What the API would refuse or could not fill.</param>
internal sealed record ApiSchema(string Json, IReadOnlyList<string> Spoken, IReadOnlyList<string> Obstacles)
{
    // The text travels inside a request body of ours, never inside HTML.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ApiSchema Derive(JsonElement root, CompiledSchema compiled)
    {
        var copier = new ApiSchemaCopier(compiled);
        var json = copier.CopyAll(root);
        return new ApiSchema(json.ToJsonString(Plain), copier.Spoken, copier.Obstacles);
    }

    public static string Compact(JsonElement element) => JsonNode.Parse(element.GetRawText())?.ToJsonString(Plain) ?? "null";
}

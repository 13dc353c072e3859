using System.Buffers;
using System.Text;

namespace Muster.Simulator.Rules;

/// <summary>What refuses a whole create, in the service's words. Source of every text: section 2.3 of the API reference.</summary>
internal static class CreateRules
{
    private const int MaxIdChars = 64;
    private static readonly SearchValues<byte> IdBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"u8);

    public const string Empty = "requests: List should have at least 1 item after validation, not 0";
    public const string RequestsMissing = "requests: Field required";
    public const string RequestsNotList = "requests: Input should be a valid list";
    public const string NotAnObject = "Input should be a valid dictionary or object to extract fields from";

    public static string NotJson(string why) => $"The request body is not valid JSON: {why}";

    public static string IdMissing(int index) => $"requests.{index}.custom_id: Field required";

    public static string IdNotText(int index) => $"requests.{index}.custom_id: Input should be a valid string";

    public static string ParamsMissing(int index) => $"requests.{index}.params: Field required";

    public static string ParamsNotObject(int index) => $"requests.{index}.params: Input should be a valid dictionary";

    public static string RowNotObject(int index) => $"requests.{index}: {NotAnObject}";

    public static string Extra(string path) => $"{path}: Extra inputs are not permitted";

    public static string Duplicate(ReadOnlySpan<byte> id) =>
        $"requests: custom_id's must be unique within a batch. Duplicate custom_id found: {Encoding.UTF8.GetString(id)}";

    public static string TooMany(int limit) => $"requests: List should have at most {limit} items after validation, not {limit + 1}";

    public static string? JudgeId(ReadOnlySpan<byte> id, int index) =>
        id.Length > MaxIdChars && Encoding.UTF8.GetCharCount(id) > MaxIdChars
            ? $"requests.{index}.custom_id: String should have at most 64 characters"
            : id.Length == 0 || id.IndexOfAnyExcept(IdBytes) >= 0
                ? $"requests.{index}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'"
                : null;
}

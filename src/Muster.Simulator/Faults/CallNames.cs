namespace Muster.Simulator.Faults;

internal static class CallNames
{
    public const string Create = "create";
    public const string Retrieve = "retrieve";
    public const string List = "list";
    public const string Results = "results";
    public const string Cancel = "cancel";
    public const string Delete = "delete";
    public const string Messages = "messages";
    public const string CountTokens = "count_tokens";
    public const string Any = "any";

    public static IReadOnlyList<string> All { get; } = [Create, Retrieve, List, Results, Cancel, Delete, Messages, CountTokens, Any];
}

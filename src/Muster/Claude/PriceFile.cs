using System.Text.Json;

namespace Muster.Claude;

/// <summary>The content of a price file.</summary>
/// <param name="AsOf">The day the prices were true.</param>
/// <param name="Models">With unique ids.</param>
internal sealed record PriceFile(DateOnly AsOf, IReadOnlyList<ModelFacts> Models)
{
    private const int MaxBytes = 1_000_000;

    public decimal BatchMultiplier { get; init; } = 0.5m;

    public decimal UsMultiplier { get; init; } = 1.1m;

    /// <summary>US dollars for one web search.</summary>
    public decimal WebSearchEach { get; init; } = 0.01m;

    public static PriceFile BuiltIn()
    {
        using var stream = typeof(PriceFile).Assembly.GetManifestResourceStream("Muster.Claude.prices.json")!;
        return Parse("built-in prices", JsonDocument.Parse(stream));
    }

    /// <exception cref="PricesException">The file is missing, not JSON, or not a price file; lists every fault.</exception>
    public static PriceFile Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return stream.Length <= MaxBytes
                ? Parse(path, JsonDocument.Parse(stream))
                : throw new PricesException(path, [$"has {stream.Length} bytes; at most {MaxBytes} are read"]);
        }
        catch (JsonException fault)
        {
            throw new PricesException(path, [$"not readable as JSON: {fault.Message}"]);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PricesException(path, [$"cannot be read: {fault.Message}"]);
        }
    }

    /// <summary>The other file's models replace those of the same id and join the rest; its day and multipliers win.</summary>
    public PriceFile With(PriceFile other) => other with
    {
        Models = [.. Models.Where(model => other.Models.All(o => o.Id != model.Id)), .. other.Models],
    };

    private static PriceFile Parse(string path, JsonDocument document)
    {
        using (document)
        {
            var reader = new PriceFileReader();
            var file = reader.Read(document.RootElement);
            return reader.Faults.Count == 0 ? file : throw new PricesException(path, reader.Faults);
        }
    }
}

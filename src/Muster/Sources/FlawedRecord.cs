using Muster.Verdicts;

namespace Muster.Sources;

/// <summary>The row that stands for a record which could not be cut out of its file.</summary>
internal static class FlawedRecord
{
    public static SourceRow Row(RecordReader records, string label, ReadLimits limits)
    {
        var line = $"{label}:{records.Line}";
        return records.Flaw switch
        {
            RecordFlaw.TooLong =>
                RowBuilder.Unreadable(line, Reasons.InputTooLarge, "record", $"the line has more than {limits.MaxRecordBytes} bytes"),
            RecordFlaw.QuoteUnclosed => RowBuilder.Unreadable(
                line,
                Reasons.BadRecord,
                "quote",
                $"the quote that opens at {label}:{records.QuoteLine} is not closed by the file's end or within {limits.MaxRecordBytes} bytes; reading goes on at the next line"),
            _ => RowBuilder.Unreadable(
                line,
                Reasons.BadRecord,
                "quote",
                $"text follows the closing quote of the field that opens at {label}:{records.QuoteLine} (a quote inside a quoted field is written twice); reading goes on at the next line"),
        };
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Muster.Jobs;
using Muster.Verdicts;

namespace Muster.Sources;

/// <summary>
/// CSV (RFC 4180) and TSV (real tabs, quotes are text). Its own parser and not CsvHelper's, for which an unclosed quote runs to the
/// file's end or, past its size limit, ends the reading: here it costs one row. The tests hold it against CsvHelper.
/// </summary>
internal sealed class DelimitedSource : ISource
{
    private readonly SourceSpec spec;
    private readonly ReadLimits limits;
    private readonly IReadOnlyList<string> labels;

    private DelimitedSource(SourceSpec spec, ReadLimits limits, IReadOnlyList<string> columns)
    {
        this.spec = spec;
        this.limits = limits;
        labels = Source.Labels(spec.Paths);
        Columns = columns;
    }

    public IReadOnlyList<string> Columns { get; }

    private byte Delimiter => spec.Format == SourceFormat.Csv ? (byte)',' : (byte)'\t';

    public static async Task<DelimitedSource> OpenAsync(SourceSpec spec, ReadLimits limits, CancellationToken cancellationToken)
    {
        DelimitedSource? source = null;
        foreach (var path in spec.Paths)
        {
            await using var records = new RecordReader(SourceFile.Open(path, limits), spec.Format, limits);
            source ??= new(spec, limits, await new DelimitedSource(spec, limits, []).ReadHeaderAsync(records, path, cancellationToken));
            if (path != spec.Paths[0])
            {
                source.CheckSame(path, await source.ReadHeaderAsync(records, path, cancellationToken));
            }
        }

        return source!;
    }

    public async IAsyncEnumerable<SourceRow> ReadAsync(long skip = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var builder = new RowBuilder(Columns, spec.Key, spec.MaxFieldChars);
        var unquoted = new ArrayBufferWriter<byte>();
        for (var i = 0; i < spec.Paths.Count; i++)
        {
            await using var records = new RecordReader(SourceFile.Open(spec.Paths[i], limits), spec.Format, limits);
            CheckSame(spec.Paths[i], await ReadHeaderAsync(records, spec.Paths[i], cancellationToken));
            while (await records.NextAsync(cancellationToken))
            {
                if (skip > 0)
                {
                    skip--;
                }
                else
                {
                    yield return records.Flaw == RecordFlaw.None
                        ? Row(records, labels[i], builder, unquoted)
                        : FlawedRecord.Row(records, labels[i], limits);
                }
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private SourceRow Row(RecordReader records, string label, RowBuilder builder, ArrayBufferWriter<byte> unquoted)
    {
        var line = $"{label}:{records.Line}";
        var fields = new FieldReader(records.Record, Delimiter, unquoted);
        builder.Begin(line);
        var count = 0;
        while (fields.MoveNext())
        {
            if (++count <= Columns.Count)
            {
                builder.AddText(fields.Current);
            }
        }

        return count == Columns.Count
            ? builder.End()
            : RowBuilder.Unreadable(
                line,
                Reasons.BadRecord,
                "ragged",
                $"{count} fields where the header has {Columns.Count}: {Excerpt.Of(records.Record)}");
    }

    private async Task<IReadOnlyList<string>> ReadHeaderAsync(RecordReader records, string path, CancellationToken cancellationToken)
    {
        if (!await records.NextAsync(cancellationToken))
        {
            throw new SourceException($"{path}: holds only empty lines.", "Check what wrote it: not even a header came out.");
        }

        return records.Flaw == RecordFlaw.None
            ? Header(records.Record, path)
            : throw new SourceException(
                $"{path}: its header cannot be read: {FlawedRecord.Row(records, path, limits).Fault!.Detail}",
                "Mend the quotes of the first line, or check that it is a text file with a header.");
    }

    private IReadOnlyList<string> Header(ReadOnlySpan<byte> record, string path)
    {
        if (!Utf8.IsValid(record))
        {
            throw new SourceException(
                $"{path}: its header is not UTF-8: {RowBuilder.NotUtf8(record)}.",
                "Convert the file to UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 IN > OUT.");
        }

        if (record.Contains((byte)'\r'))
        {
            throw new SourceException($"{path}: its header holds a carriage return.", "End lines with LF or CRLF: tr '\\r' '\\n' < IN > OUT.");
        }

        var names = new List<string>();
        var fields = new FieldReader(record, Delimiter, new ArrayBufferWriter<byte>());
        while (fields.MoveNext())
        {
            names.Add(Encoding.UTF8.GetString(fields.Current));
        }

        CheckNames(names, path);
        return names;
    }

    private static void CheckNames(List<string> names, string path)
    {
        var empty = names.Select((name, i) => (name, i)).Where(n => string.IsNullOrWhiteSpace(n.name)).Select(n => $"{n.i + 1}").ToList();
        if (empty.Count > 0)
        {
            throw new SourceException(
                $"{path}: column {Excerpt.List(empty)} of {names.Count} has no name.",
                "Give each column a name in the first line; a delimiter too many also makes an empty one.");
        }

        var twice = names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToList();
        if (twice.Count > 0)
        {
            throw new SourceException($"{path}: has more than one column {Excerpt.List(twice)}.", "Give each column a name of its own.");
        }
    }

    private void CheckSame(string path, IReadOnlyList<string> found)
    {
        if (found.SequenceEqual(Columns, StringComparer.Ordinal))
        {
            return;
        }

        var lacks = Columns.Except(found, StringComparer.Ordinal).ToList();
        var extra = found.Except(Columns, StringComparer.Ordinal).ToList();
        string[] differences =
        [
            lacks.Count > 0 ? $"it lacks {Excerpt.List(lacks)}" : "",
            extra.Count > 0 ? $"it also has {Excerpt.List(extra)}" : "",
            lacks.Count + extra.Count == 0 ? $"their order is {Excerpt.List(found)}" : "",
        ];
        throw new SourceException(
            $"{path}: its columns differ from those of {spec.Paths[0]}: {string.Join("; ", differences.Where(d => d.Length > 0))}.",
            "Files read as one source have the same columns in the same order.");
    }
}

using Muster.Batches;
using Muster.Results;
using Muster.Runs;
using Muster.Stores.Sqlite;

namespace Muster.Purges;

/// <summary>Takes lines out of archives: the whole file, or those of some rows, by writing it again without them.</summary>
internal sealed class ArchivePurge(SqliteStore store, Action<string>? reached = null)
{
    /// <summary>Removes every file of a batch: its archive and what a broken or damaged download left beside it.</summary>
    public void RemoveAll(Purge purge, Batch batch)
    {
        foreach (var file in FilesOf(batch))
            File.Delete(file);
        Durable.Folder(store.ArchiveFolder);
        if (batch.Archive is { } archive)
            store.RecordPurgedArchive(purge.Id, batch.Id, new PurgedArchive(archive.Lines, null));
    }

    /// <summary>Removes a duplicate's archive; returns how many lines it had.</summary>
    public int RemoveDuplicate(Duplicate duplicate)
    {
        var name = Path.Combine(store.ArchiveFolder, DuplicateBooker.FileName(duplicate));
        File.Delete(name);
        File.Delete(ArchiveWriter.PartPath(name));
        Durable.Folder(store.ArchiveFolder);
        store.ForgetDuplicateArchive(duplicate.RemoteId);
        return duplicate.Bill?.Archive?.Lines ?? 0;
    }

    /// <summary>Writes a batch's archive again without the lines of <paramref name="rows"/>. Done twice it changes nothing more.</summary>
    /// <param name="current">The archive as the books have it: as it was fetched, or as an earlier purge left it.</param>
    /// <param name="requests">Requests of the batch that belong to purged rows, of this purge and of earlier ones.</param>
    /// <exception cref="PurgeException">The archive is missing, damaged, or lacks other lines than those that were to go.</exception>
    public async Task RemoveRowsAsync(
        Purge purge, Run run, Batch batch, Archive? current, IReadOnlySet<long> rows, int requests, CancellationToken cancellationToken)
    {
        var name = batch.Archive is null ? null : Path.Combine(store.ArchiveFolder, batch.Archive.File);
        foreach (var beside in FilesOf(batch).Where(file => file != name))
            File.Delete(beside);
        if (batch.Archive is not { } whole || name is null)
            return;
        if (!File.Exists(name))
            throw Damaged(batch, "is missing");
        var damage = ArchiveReader.Verify(store.ArchiveFolder, current!);
        var index = new BatchIndex();
        await index.LoadAsync(store, run, batch, cancellationToken);
        Archive left;
        try
        {
            left = await RewriteAsync(name, index, rows, whole.Lines - requests, damage, batch, cancellationToken);
        }
        catch (InvalidDataException problem)
        {
            throw Damaged(batch, $"cannot be read: {problem.Message}", problem);
        }

        reached?.Invoke("rewritten");
        store.RecordPurgedArchive(purge.Id, batch.Id, new PurgedArchive(requests, left));
    }

    private async Task<Archive> RewriteAsync(
        string name, BatchIndex index, IReadOnlySet<long> rows, int expected, string? damage, Batch batch, CancellationToken cancellationToken)
    {
        using var to = new ArchiveWriter(name);
        await using (var from = ArchiveReader.Decompress(store.ArchiveFolder, batch.Archive!))
        {
            var lines = ArchiveReader.Lines(from);
            var line = new ResultLine();
            while (await lines.NextAsync(cancellationToken))
            {
                if (line.TryRead(lines.Line.Span) && index.Find(line.CustomId) is { } request && rows.Contains(request.RowId))
                {
                    // Other bytes than the books have are ours only when a purge died after it wrote them; then the rows are gone from it.
                    if (damage is not null)
                        throw Damaged(batch, $"is not the file that was written: {damage}");
                    continue;
                }

                to.Write(lines.Line.Span);
            }
        }

        return to.Lines == expected ? to.Complete() : throw Damaged(batch, $"would have {to.Lines} lines left where {expected} were expected");
    }

    private IEnumerable<string> FilesOf(Batch batch) =>
        Directory.Exists(store.ArchiveFolder) ? Directory.EnumerateFiles(store.ArchiveFolder, $"{batch.Name}.jsonl*").ToList() : [];

    private static PurgeException Damaged(Batch batch, string what, Exception? inner = null) =>
        new($"The archive of {batch.Name} {what}. Its remote copy stays until the purge is done.",
            "Look at it with `muster verify`, fetch it again with `muster verify --repair`, or purge the whole run.", inner);
}

using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Muster.Simulator.Batches;

/// <summary>
/// The requests of one batch on disk, with 17 bytes per row in memory while it is written and 9 after. Record: id length (2),
/// params length (4), id, params. Readers share one handle and read by position.
/// </summary>
internal sealed class RowSpill : IDisposable
{
    private const int HeaderBytes = 6;
    private const int WriteBytes = 256 * 1024;
    private readonly SafeFileHandle _file;
    private string _path;
    private byte[]? _pending;
    private int _pendingBytes;
    private long _length;
    private long[] _starts;
    private ulong[] _rows;
    private byte[] _fates;

    private RowSpill(string path, FileMode mode, int count)
    {
        _path = path;
        _file = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read, FileOptions.None);
        _starts = new long[Math.Max(count, 256)];
        _rows = new ulong[_starts.Length];
        _fates = new byte[_starts.Length];
    }

    public int Count { get; private set; }

    /// <summary>False for a deleted batch, of which only the index is left.</summary>
    public bool HasRecords => _length > 0;

    public byte Fate(int row) => _fates[row];

    /// <summary>The (row, attempt) hashes, until <see cref="ForgetRows"/>.</summary>
    public ReadOnlySpan<ulong> Rows => _rows.AsSpan(0, Math.Min(Count, _rows.Length));

    public static RowSpill Create(string path) => new(path, FileMode.CreateNew, 0) { _pending = ArrayPool<byte>.Shared.Rent(WriteBytes) };

    public void Add(ReadOnlySpan<byte> id, ReadOnlySpan<byte> parameters, ulong row, byte fate)
    {
        if (Count == _starts.Length)
        {
            Array.Resize(ref _starts, Count * 2);
            Array.Resize(ref _rows, Count * 2);
            Array.Resize(ref _fates, Count * 2);
        }

        _starts[Count] = _length + _pendingBytes;
        _rows[Count] = row;
        _fates[Count++] = fate;
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)id.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[2..], parameters.Length);
        Append(header);
        Append(id);
        Append(parameters);
    }

    /// <summary>After this the spill is read only.</summary>
    public void Seal()
    {
        Flush();
        ArrayPool<byte>.Shared.Return(_pending!);
        _pending = null;
    }

    /// <summary>Gives the spill a lasting name and an index, so that a later process can open it again.</summary>
    public void MoveTo(string path, string indexPath)
    {
        using (var index = new BinaryWriter(File.Create(indexPath)))
        {
            index.Write(Count);
            for (var i = 0; i < Count; i++)
            {
                index.Write(_starts[i]);
                index.Write(_rows[i]);
                index.Write(_fates[i]);
            }
        }

        File.Move(_path, path);
        _path = path;
    }

    public void ForgetRows() => _rows = [];

    public static RowSpill Open(string path, string indexPath)
    {
        using var index = new BinaryReader(File.OpenRead(indexPath));
        var count = index.ReadInt32();
        var spill = new RowSpill(path, FileMode.OpenOrCreate, count) { Count = count };
        spill._length = RandomAccess.GetLength(spill._file);
        for (var i = 0; i < count; i++)
        {
            spill._starts[i] = index.ReadInt64();
            spill._rows[i] = index.ReadUInt64();
            spill._fates[i] = index.ReadByte();
        }

        return spill;
    }

    /// <summary>Reads one record into <paramref name="into"/>, which grows; returns where the id ends and the params begin.</summary>
    public int Read(int row, ref byte[] into, out int end)
    {
        var start = _starts[row];
        end = (int)((row + 1 < Count ? _starts[row + 1] : _length) - start);
        if (end > into.Length)
        {
            into = new byte[end + (end / 4)];
        }

        for (var got = 0; got < end;)
        {
            var more = RandomAccess.Read(_file, into.AsSpan(got, end - got), start + got);
            if (more == 0)
            {
                throw new InvalidDataException($"{_path} ends within row {row}.");
            }

            got += more;
        }

        return HeaderBytes + BinaryPrimitives.ReadUInt16LittleEndian(into);
    }

    public static ReadOnlySpan<byte> Id(byte[] record, int idEnd) => record.AsSpan(HeaderBytes, idEnd - HeaderBytes);

    public void Dispose()
    {
        if (_pending is not null)
        {
            ArrayPool<byte>.Shared.Return(_pending);
            _pending = null;
        }

        _file.Dispose();
    }

    public void Delete()
    {
        Dispose();
        File.Delete(_path);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _pending!.Length - _pendingBytes)
        {
            Flush();
            if (bytes.Length > _pending.Length)
            {
                RandomAccess.Write(_file, bytes, _length);
                _length += bytes.Length;
                return;
            }
        }

        bytes.CopyTo(_pending.AsSpan(_pendingBytes));
        _pendingBytes += bytes.Length;
    }

    private void Flush()
    {
        RandomAccess.Write(_file, _pending.AsSpan(0, _pendingBytes), _length);
        _length += _pendingBytes;
        _pendingBytes = 0;
    }
}

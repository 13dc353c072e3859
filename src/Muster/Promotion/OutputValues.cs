namespace Muster.Promotion;

internal enum ValueKind { Null, Integer, Real, Text }

/// <summary>The values of one output, one per managed column. Reused from row to row: nothing is allocated for a row.</summary>
internal sealed class OutputValues(int columns)
{
    private readonly ValueKind[] _kinds = new ValueKind[columns];
    private readonly long[] _integers = new long[columns];
    private readonly double[] _reals = new double[columns];
    private readonly Range[] _texts = new Range[columns];
    private byte[] _bytes = new byte[4096];
    private int _used;

    internal int Count => columns;

    internal ValueKind Kind(int column) => _kinds[column];
    internal long Integer(int column) => _integers[column];
    internal double Real(int column) => _reals[column];
    internal ReadOnlySpan<byte> Text(int column) => _bytes.AsSpan(_texts[column]);

    internal void Clear()
    {
        Array.Clear(_kinds);
        _used = 0;
    }

    internal void Null(int column) => _kinds[column] = ValueKind.Null;

    internal void Integer(int column, long value)
    {
        _kinds[column] = ValueKind.Integer;
        _integers[column] = value;
    }

    internal void Real(int column, double value)
    {
        _kinds[column] = ValueKind.Real;
        _reals[column] = value;
    }

    internal void Text(int column, ReadOnlySpan<byte> utf8)
    {
        if (_bytes.Length - _used < utf8.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + utf8.Length));
        utf8.CopyTo(_bytes.AsSpan(_used));
        _kinds[column] = ValueKind.Text;
        _texts[column] = _used..(_used + utf8.Length);
        _used += utf8.Length;
    }
}

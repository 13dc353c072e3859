using Muster.Simulator.Answers;
using Muster.Simulator.Batches;
using Muster.Simulator.Faults;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>Result lines as they go out: right ones, or damaged as the plan says.</summary>
internal sealed class LineDamage
{
    private readonly LineMaker _lines;
    private readonly LineFaults _faults;
    private readonly BatchRecord _batch;
    private readonly ulong _seed;
    private readonly bool _crLf;
    private readonly bool _damages;

    public LineDamage(Service service, BatchRecord batch, long download)
    {
        var plan = service.Desk.Plan;
        _lines = service.NewLines();
        _faults = plan.Lines;
        _batch = batch;
        _seed = Chance.Mix(plan.Seed ^ 0x11E5 ?? service.Options.Seed ^ 0x11E5, (ulong)batch.Number);
        _crLf = service.Options.Wire.CrLfResults;
        _damages = _faults.Any && (_faults.Downloads == 0 || download <= _faults.Downloads);
    }

    /// <summary>What the lines cost, or null when damage makes the sum meaningless.</summary>
    public Bill? Bill => _damages ? null : _lines.Bill;

    public void Write(int row, ByteBuffer into)
    {
        if (!_damages)
        {
            WriteLine(row, row, into);
            return;
        }

        if (Hits(row, 1, _faults.Missing))
        {
            return;
        }

        if (Hits(row, 2, _faults.Blank))
        {
            into.Raw("\n"u8);
        }

        var start = into.Length;
        if (Hits(row, 3, _faults.UnknownType))
        {
            WriteOdd(row, "{\"type\":\"postponed\"}}"u8, into);
        }
        else if (Hits(row, 4, _faults.FlatError))
        {
            WriteOdd(row, "{\"type\":\"errored\",\"error\":{\"type\":\"invalid_request\",\"message\":\"The flat shape\"}}}"u8, into);
        }
        else
        {
            WriteLine(row, Hits(row / 2, 5, _faults.Swapped) && (row ^ 1) < _batch.Count ? row ^ 1 : row, into);
        }

        if (Hits(row, 6, _faults.NewFields))
        {
            into.Truncate(into.Length - (_crLf ? 3 : 2));
            into.Raw(",\"lunar_phase\":{\"waxing\":true}}"u8);
            EndLine(into);
        }

        if (Hits(row, 7, _faults.Garbage))
        {
            into.Truncate(start + ((into.Length - start) / 2));
            into.Raw("\u0000\u0007<garbage>"u8);
            EndLine(into);
        }

        if (Hits(row, 8, _faults.Duplicate))
        {
            WriteLine(row, row, into);
        }
    }

    public void WriteExtra(ByteBuffer into)
    {
        for (var i = 0; _damages && i < _faults.Extra; i++)
        {
            into.Raw("{\"custom_id\":\"nobody-sent-this-"u8);
            into.Number(i + 1);
            into.Raw("\",\"result\":{\"type\":\"expired\"}}"u8);
            EndLine(into);
        }
    }

    private void WriteLine(int row, int answerOf, ByteBuffer into)
    {
        _lines.Write(_batch, row, answerOf, into);
        EndLine(into);
    }

    private void WriteOdd(int row, ReadOnlySpan<byte> result, ByteBuffer into)
    {
        into.Raw("{\"custom_id\":\""u8);
        _lines.WriteId(_batch, row, into);
        into.Raw("\",\"result\":"u8);
        into.Raw(result);
        EndLine(into);
    }

    private void EndLine(ByteBuffer into) => into.Raw(_crLf ? "\r\n"u8 : "\n"u8);

    private bool Hits(int row, ulong kind, double share) =>
        share > 0 && Chance.Unit(Chance.Mix(Chance.Mix(_seed, (ulong)row), kind)) < share;
}

using Muster.Simulator.Answers;
using Muster.Simulator.Faults;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Batches;

/// <summary>All batches of the simulated service, oldest first, and what is known about them in total.</summary>
internal sealed class Shelf(SimulatorOptions options, ShelfFolder folder, Func<LineMaker> makeLines)
{
    private readonly Lock _gate = new();
    private readonly List<BatchRecord> _batches = [];
    private readonly Dictionary<string, BatchRecord> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<BatchRecord, Bill> _bills = [];
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private Bill _deletedBill = Bill.Zero;
    private int _lastNumber;
    private TruthLedger _truth = new();

    public TruthLedger Truth => _truth;

    public WarmPrefixes Warm { get; } = new();

    /// <summary>Reads what an earlier process left in the state folder; returns the latest instant it knew.</summary>
    public DateTimeOffset? Reopen()
    {
        foreach (var (batch, prefixes, deletedBill) in folder.Load())
        {
            _truth.Accept(batch.Spill);
            batch.Spill.ForgetRows();
            _lastNumber = Math.Max(_lastNumber, batch.Number);
            foreach (var prefix in prefixes)
            {
                Warm.WarmByBatch(prefix.Hash, batch.CreatedAt, batch.EndedAt, prefix.OneHour);
            }

            if (deletedBill is not null)
            {
                _deleted.Add(batch.Id);
                _deletedBill = _deletedBill.Plus(deletedBill);
                batch.Spill.Dispose();
                continue;
            }

            _batches.Add(batch);
            _byId[batch.Id] = batch;
        }

        return folder.ReadClock();
    }

    public int QueuedAt(DateTimeOffset now)
    {
        lock (_gate)
        {
            return _batches.Sum(b => b.QueuedAt(now));
        }
    }

    public RowSpill NewSpill() => folder.NewSpill();

    /// <summary>Makes a batch of a complete spill; from here on it exists whatever becomes of the reply.</summary>
    public BatchRecord Accept(RowSpill spill, RowIntake intake, Call call, VirtualClock clock, FaultPlan plan)
    {
        lock (_gate)
        {
            var number = ++_lastNumber;
            if (_batches.Count > 0 && Micros(clock.GetUtcNow()) <= _batches[^1].CreatedAt)
            {
                // A stopped clock must not make the newest-first order ambiguous.
                clock.Advance(TimeSpan.FromMicroseconds(1));
            }

            var created = Micros(clock.GetUtcNow());

            var batch = new BatchRecord
            {
                Id = Chance.Id("msgbatch_01", Chance.Mix(options.Seed, (ulong)number)),
                Number = number,
                Workspace = call.Workspace,
                Version = call.Version,
                LongOutput = call.LongOutput,
                OnCancel = plan.Cancel,
                CreatedAt = created,
                VisibleAt = created.AddSeconds(plan.AppearsAfterSeconds),
                Takes = plan.TakesSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeToEnd(number),
                HasUnfinished = intake.HasUnfinished,
                Spill = spill,
            };
            _truth.Accept(spill);
            folder.Keep(batch, intake.Prefixes);
            spill.ForgetRows();
            _batches.Add(batch);
            _byId[batch.Id] = batch;
            foreach (var (prefix, oneHour) in intake.Prefixes)
            {
                Warm.WarmByBatch(prefix, created, batch.EndedAt, oneHour);
            }

            return batch;
        }
    }

    public BatchRecord? Find(string id, string workspace, DateTimeOffset now)
    {
        lock (_gate)
        {
            return _byId.TryGetValue(id, out var batch) && batch.Workspace == workspace && now >= batch.VisibleAt ? batch : null;
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<BatchRecord> List(string workspace, DateTimeOffset now)
    {
        lock (_gate)
        {
            return [.. _batches.Where(b => b.Workspace == workspace && now >= b.VisibleAt).Reverse()];
        }
    }

    public void Cancel(BatchRecord batch, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (batch.StatusAt(now) == BatchStatus.InProgress)
            {
                // 1–25 s: the shortest and longest recorded.
                var lag = 1 + (24 * Chance.Unit(Chance.Mix(options.Seed ^ 0xCA, (ulong)batch.Number)));
                batch.Cancel(new Cancellation(Micros(now), Micros(now).AddSeconds(lag)));
                folder.Keep(batch, null);
            }
        }
    }

    public void Delete(BatchRecord batch)
    {
        var bill = BillOf(batch);
        lock (_gate)
        {
            if (_byId.Remove(batch.Id))
            {
                _batches.Remove(batch);
                _bills.Remove(batch);
                _deletedBill = _deletedBill.Plus(bill);
                _deleted.Add(batch.Id);
                folder.Forget(batch, bill);
            }
        }
    }

    public bool WasDeleted(string id)
    {
        lock (_gate)
        {
            return _deleted.Contains(id);
        }
    }

    /// <summary>What a full download has added up; saves making the lines once more for the truth.</summary>
    public void Settle(BatchRecord batch, Bill bill)
    {
        lock (_gate)
        {
            _bills[batch] = bill;
        }
    }

    public Truth Snapshot(DateTimeOffset now)
    {
        BatchRecord[] ended;
        lock (_gate)
        {
            ended = [.. _batches.Where(b => b.StatusAt(now) == BatchStatus.Ended)];
        }

        return _truth.Snapshot(ended.Aggregate(_deletedBill, (sum, batch) => sum.Plus(BillOf(batch))));
    }

    public void Clear()
    {
        lock (_gate)
        {
            foreach (var batch in _batches)
            {
                folder.Forget(batch, Bill.Zero);
            }

            folder.Clear();
            _batches.Clear();
            _byId.Clear();
            _bills.Clear();
            _deleted.Clear();
            Warm.Clear();
            _deletedBill = Bill.Zero;
            _lastNumber = 0;
            _truth = new TruthLedger();
        }
    }

    public void Close(DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var batch in _batches)
            {
                batch.Spill.Dispose();
            }

            folder.Close(now);
        }
    }

    private Bill BillOf(BatchRecord batch)
    {
        lock (_gate)
        {
            if (_bills.TryGetValue(batch, out var known))
            {
                return known;
            }
        }

        var lines = makeLines();
        var line = new ByteBuffer();
        for (var row = 0; row < batch.Count; row++)
        {
            line.Clear();
            lines.Write(batch, row, row, line);
        }

        Settle(batch, lines.Bill);
        return lines.Bill;
    }

    /// <summary>Timestamps go out in microseconds; a finer instant would not compare equal to itself.</summary>
    private static DateTimeOffset Micros(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));

    private TimeSpan TimeToEnd(int number) =>
        options.Instant
            ? TimeSpan.Zero
            : options.TimeToEndMin
                + ((options.TimeToEndMax - options.TimeToEndMin) * Chance.Unit(Chance.Mix(options.Seed ^ 0x7E, (ulong)number)));
}

namespace Muster.Simulator.Answers;

/// <summary>Finds the label that shares the most telling stems with a text; the same for every row that offers the same labels.</summary>
internal sealed class LabelIndex
{
    private const int MinWordChars = 3;
    private const int OnStack = 256;
    private readonly Dictionary<ulong, int[]> _byStem;

    public LabelIndex(IReadOnlyList<string> labels)
    {
        Labels = labels;
        var stems = new Dictionary<ulong, List<int>>();
        var words = new TextWords();
        for (var i = 0; i < labels.Count; i++)
        {
            words.Read(labels[i].Replace('_', ' '));
            foreach (var word in words.Words.ToArray().Where(w => w.Length >= MinWordChars).DistinctBy(w => w.Stem))
            {
                (stems.TryGetValue(word.Stem, out var known) ? known : stems[word.Stem] = []).Add(i);
            }
        }

        _byStem = stems.ToDictionary(s => s.Key, s => s.Value.ToArray());
    }

    public IReadOnlyList<string> Labels { get; }

    /// <summary>Index of the closest label; without a shared stem one chosen by <paramref name="hash"/>.</summary>
    public int Closest(TextWords text, ulong hash)
    {
        var best = -1;
        var bestScore = 0.0;
        Span<double> scores = Labels.Count <= OnStack ? stackalloc double[Labels.Count] : new double[Labels.Count];
        scores.Clear();
        foreach (var word in text.Words)
        {
            if (!_byStem.TryGetValue(word.Stem, out var labels))
            {
                continue;
            }

            foreach (var label in labels)
            {
                // A stem that many labels share says little about any of them.
                scores[label] += 1.0 / labels.Length;
                if (scores[label] > bestScore)
                {
                    (best, bestScore) = (label, scores[label]);
                }
            }
        }

        return best >= 0 ? best : (int)(hash % (ulong)Labels.Count);
    }
}

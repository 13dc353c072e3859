using System.Text;

namespace Muster.Simulator.Answers;

/// <summary>Writes the model's text. Stateless after construction and used by several downloads at once.</summary>
internal abstract class AnswerEngine
{
    public static AnswerEngine For(SimulatorOptions options) => options.Engine switch
    {
        "schema" => new SchemaEngine(),
        "labels" => new LabelsEngine(),
        "echo" => new EchoEngine(),
        "oracle" => OracleEngine.Load(options),
        _ => throw new SimulatorException(
            $"There is no answer engine \"{options.Engine}\".", "Known engines: schema, labels, echo, oracle."),
    };

    public abstract void Answer(Ask ask, ByteBuffer into);
}

internal sealed class EchoEngine : AnswerEngine
{
    public override void Answer(Ask ask, ByteBuffer into)
    {
        var room = into.Take(Encoding.UTF8.GetByteCount(ask.Text));
        Encoding.UTF8.GetBytes(ask.Text, room);
    }
}

/// <summary>A bare label: from the schema's choices, else from the labels that the system prompt lists, else the text's first sentence.</summary>
internal sealed class LabelsEngine : AnswerEngine
{
    public override void Answer(Ask ask, ByteBuffer into)
    {
        ask.Words.Read(ask.Text);
        var labels = ask.System.Labels ?? ask.Schema.Schema?.Members.FirstOrDefault(m => m.Node.Labels is not null)?.Node.Labels;
        var text = labels is null ? FirstSentence.Of(ask.Text, FirstSentence.MaxChars) : labels.Labels[Pick(ask, labels)];
        var room = into.Take(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, room);
    }

    private static int Pick(Ask ask, LabelIndex labels)
    {
        var closest = labels.Closest(ask.Words, ask.Hash);
        return ask.Fate is Faults.RowFate.Wrong or Faults.RowFate.Violation ? (closest + 1) % labels.Labels.Count : closest;
    }
}

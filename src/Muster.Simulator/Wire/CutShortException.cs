namespace Muster.Simulator.Wire;

/// <summary>Tells the server to close the connection in the middle of a reply; see <see cref="Sender.CutShort"/>.</summary>
internal sealed class CutShortException : Exception;

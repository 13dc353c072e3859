namespace Muster.Handoffs;

public sealed class HandoffException(string message, string hint, Exception? inner = null) : MusterException(message, hint, inner);

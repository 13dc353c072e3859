using Muster.Sources;

namespace Muster.Requests;

/// <summary>What came of rendering one row: bytes written, or a fault and nothing written.</summary>
internal readonly record struct Rendered(int Bytes, SourceFault? Fault);

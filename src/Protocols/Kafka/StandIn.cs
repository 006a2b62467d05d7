#pragma warning disable
namespace PolicyProxy.Protocols.Kafka;
public readonly ref struct KafkaRequest { public short ApiKey{get;init;} public short ApiVersion{get;init;} public int CorrelationId{get;init;} public ReadOnlySpan<byte> ClientId{get;init;} public byte[][] T{get;init;} public int TopicCount=>T.Length; public byte[][] Topics=>T; }
public static class KafkaApi { public static string Name(short k)=>k.ToString(); }

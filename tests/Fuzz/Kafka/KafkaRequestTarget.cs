using System.Buffers.Binary;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Fuzz.Kafka;

/// <summary>The frame scanner and <see cref="KafkaRequest"/> with all its topics, with bodies walked only for topics and for everything known.</summary>
internal sealed class KafkaRequestTarget : FuzzTarget
{
    private const int LengthBytes = 4;

    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    /// <inheritdoc/>
    public override string Name => "kafka-request";

    /// <inheritdoc/>
    public override string Dictionary => "kafka.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds => RecordedMessages.KafkaRequests;

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        var seed = Segmentation.SeedOf(input);
        var scan = FrameLaw.Check(() => new KafkaFrameScanner(KafkaLimits.Default), input, Segmentation.Random(input.Length, seed));
        Law.Holds(scan.Length == 0 || scan.Length == LengthBytes + BinaryPrimitives.ReadInt32BigEndian(input), "a frame is as long as it says");

        // Read whatever the length in front says: a fuzzer would spend itself on keeping both in step.
        var frame = input.AsSpan(Math.Min(LengthBytes, input.Length));
        var isTopicRequestRead = ViewLaw.Check(static (message, out error) => Read(message, KafkaLimits.Default, out error, out _), frame);
        var isWalked = false;
        if (!ViewLaw.Check((message, out error) => Read(message, s_everything, out error, out isWalked), frame))
        {
            return FuzzOutcome.Refused;
        }

        Law.Holds(isTopicRequestRead, "walking fewer bodies refuses nothing more");
        if (isWalked)
        {
            ViewLaw.CheckPrefixes(static (message, out error) => Read(message, s_everything, out error, out _), frame, Prefixes(frame.Length, seed));
        }

        return FuzzOutcome.Accepted;
    }

    private static bool Read(ReadOnlySpan<byte> frame, KafkaLimits limits, out ProtocolError error, out bool isWalked)
    {
        isWalked = false;
        if (!KafkaRequest.TryParse(frame, limits, out var request, out error))
        {
            return false;
        }

        isWalked = request.TopicScope != KafkaTopicScope.Unknown;
        Law.Holds(request is { ApiKey: >= 0, ApiVersion: >= 0 }, "a key and a version are never negative");
        Law.Holds(request.HasClientId || request.ClientId.IsEmpty, "a null client id is empty");
        Law.Holds(frame.IndexOf(request.ClientId) >= 0, "a client id is a part of the frame");
        var topics = 0;
        foreach (var topic in request.Topics)
        {
            topics++;
            Law.Holds(frame.IndexOf(topic.Name) >= 0 && frame.IndexOf(topic.Id) >= 0, "a topic is a part of the frame");
        }

        Law.Same(request.TopicCount, topics, "TopicCount counts the topics");
        Law.Holds(isWalked || topics == 0, "what is not walked has no topics");
        Subscription(request, frame);
        return true;
    }

    private static void Subscription(in KafkaRequest request, ReadOnlySpan<byte> frame)
    {
        if (!KafkaSubscription.TryRead(request, out var subscription))
        {
            return;
        }

        Law.Same(KafkaApi.JoinGroup, request.ApiKey, "only members of groups subscribe");
        Law.Same(1, request.NameCount, "a subscription is not among the names");
        Law.Holds(frame.IndexOf("consumer"u8) >= 0, "a group that is not one of consumers has no subscription");
        var (topics, bytes) = (0, 0);
        foreach (var topic in subscription)
        {
            topics++;
            bytes += sizeof(short) + topic.Bytes.Length;
            Law.Holds(frame.IndexOf(topic.Bytes) >= 0, "a topic of a subscription is a part of the frame");
        }

        Law.Holds(topics > 0 && topics == subscription.TopicCount, "TopicCount counts the topics of a subscription");
        Law.Holds(bytes < frame.Length, "each topic of a subscription has its own place in the frame");
    }
}

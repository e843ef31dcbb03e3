from engine.safe_logging import _keep_only_the_event


def test_of_a_structured_event_only_its_name_goes_on() -> None:
    event = {"event": "rest.message.received.failure", "text": "canarino", "rasa_events": ["x"]}
    kept = {"event": "rest.message.received.failure"}
    assert _keep_only_the_event(None, "error", dict(event)) == kept
    assert _keep_only_the_event(None, "exception", dict(event)) == {"exc_info": True, **kept}

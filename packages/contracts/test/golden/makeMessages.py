"""Encodes messages of every kind in proto/fleet.proto with Python's protobuf; see README.md."""

import importlib
import json
import pathlib
import sys
import tempfile

import google.protobuf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

HERE = pathlib.Path(__file__).parent
PROTO = HERE.parents[3] / "proto"


def compiled():
    out = tempfile.mkdtemp()
    if protoc.main(["protoc", f"-I{PROTO}", f"--python_out={out}", str(PROTO / "fleet.proto")]) != 0:
        raise SystemExit("protoc failed")
    sys.path.insert(0, out)
    return importlib.import_module("fleet_pb2")


def newer_car_status(fleet):
    """CarStatus as a later version of the contract might have it: more fields, of every wire type."""
    file = descriptor_pb2.FileDescriptorProto()
    fleet.DESCRIPTOR.CopyToProto(file)
    message = next(m for m in file.message_type if m.name == "CarStatus")
    field = descriptor_pb2.FieldDescriptorProto
    added = [
        ("firmware", 11, field.TYPE_STRING, field.LABEL_OPTIONAL),
        ("tyre_bar", 12, field.TYPE_FLOAT, field.LABEL_REPEATED),
        ("fault_count", 200, field.TYPE_INT32, field.LABEL_OPTIONAL),
        ("serial", 201, field.TYPE_FIXED64, field.LABEL_OPTIONAL),
    ]
    for name, number, kind, label in added:
        message.field.add(name=name, number=number, type=kind, label=label)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("fleet.CarStatus"))


def main():
    fleet = compiled()
    entries = []

    def bytes_of(kind, value):
        return getattr(fleet, kind)(**value).SerializeToString(deterministic=True)

    def add(name, kind, value, *, received=None):
        """`received`: bytes that decode to the value, but are not what an encoder makes of it."""
        data = bytes_of(kind, value) if received is None else received
        entries.append({"name": name, "type": kind, "value": value, "reencodes": received is None, "hex": data.hex()})

    standing = {"car_id": "CAR-001", "latitude": 40.7234, "longitude": -73.9876, "timestamp": 1800000000123}
    moving = {**standing, "battery_level": 85.3, "velocity": 45.2}
    session = {"charging_station_id": "afdc-102334", "session_id": "CAR-001-1800000000000-1"}
    charging = {**standing, **session, "battery_level": 12.5, "energy_kwh": 12.75, "odometer_km": 48211.25}
    add("a moving car of the first contract", "CarStatus", moving)
    add("a charging car", "CarStatus", charging)
    add("every field of a car at its default", "CarStatus", {})
    add("a car in the far south west", "CarStatus", {**moving, "latitude": -89.999999, "longitude": -180.0})
    add("negative zeros", "CarStatus", {"car_id": "CAR-001", "latitude": -0.0, "longitude": -0.0})
    add("the smallest double", "CarStatus", {"car_id": "CAR-001", "velocity": 5e-324, "odometer_km": 0.1 + 0.2})
    add("a timestamp just past 32 bits", "CarStatus", {"car_id": "CAR-001", "timestamp": 2**31})
    add("a timestamp just past 32 bits, unsigned", "CarStatus", {"car_id": "CAR-001", "timestamp": 2**32})
    add("the greatest whole number of a double", "CarStatus", {"car_id": "CAR-001", "timestamp": 2**53 - 1})
    add("a timestamp before 1970", "CarStatus", {"car_id": "CAR-001", "timestamp": -1})
    add("ids in many scripts", "CarStatus", {**moving, "car_id": "Škoda-充电-🚗", "session_id": 'a"b\\c\u2028d'})
    add("an id of 128 characters", "CarStatus", {**moving, "car_id": "é" * 128})
    newer = newer_car_status(fleet)
    extra = {"firmware": "9.1", "tyre_bar": [2.5, 2.5], "fault_count": -3, "serial": 2**63}
    more = newer(**moving, **extra).SerializeToString(deterministic=True)
    add("a car newer than this contract", "CarStatus", moving, received=more)
    swapped = bytes_of("CarStatus", session) + bytes_of("CarStatus", moving)
    add("fields out of order", "CarStatus", {**moving, **session}, received=swapped)
    twice = bytes_of("CarStatus", {"velocity": 1.0}) + bytes_of("CarStatus", moving)
    add("a field sent twice, the last of which counts", "CarStatus", moving, received=twice)

    request = {"car_id": "CAR-001", "station_id": "afdc-102334", "expected_arrival": 1800000600000, "battery_level": 11.5}
    add("a request for a booking", "BookingRequest", request)
    add("an empty request", "BookingRequest", {})
    ack = {"car_id": "CAR-001", "message": "Telemetry received", "timestamp": 1800000000123}
    add("an acknowledgement", "BookingResponse", ack)
    booked = {"booking_id": "b-1", "car_id": "CAR-001", "station_id": "afdc-102334"}
    for status in (1, 2, 3):
        value = {**booked, "status": status, "message": f"status {status}", "timestamp": 1800000000123, "price_rate": 0.32}
        add(f"a response of status {status}", "BookingResponse", value)
    add("a response of a status to come", "BookingResponse", {**booked, "status": 4})
    add("an empty response", "BookingResponse", {})
    add("a negative price", "BookingResponse", {**booked, "status": 1, "price_rate": -0.01174})

    add("a telemetry event", "TelemetryEvent", {**moving, "event_type": "telemetry"})
    add("an empty telemetry event", "TelemetryEvent", {})
    for status in (0, 1, 2, 3):
        value = {**booked, "status": status, "timestamp": 1800000000123, "price_rate": 0.32, "event_type": "booking"}
        if status == 0:
            del value["status"]
        add(f"a booking event of status {status}", "BookingEvent", value)
    add("an empty booking event", "BookingEvent", {})

    made_by = f"Python protobuf {google.protobuf.__version__}"
    text = json.dumps({"madeBy": made_by, "messages": entries}, indent=2, ensure_ascii=True)
    (HERE / "messages.json").write_text(text + "\n")
    print(f"{len(entries)} messages by {made_by}")


main()

app = FastAPI(title="Shop")
router = APIRouter()
@router.post("/buy/{item}")
async def buy(item): ...

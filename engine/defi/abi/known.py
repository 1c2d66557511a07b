"""The functions, events and errors that this program calls or recognises, as Solidity writes them.

Sources: EIP-20, EIP-2612; Uniswap v2-core, v2-periphery, v3-core, v3-periphery and swap-router-contracts; SushiSwap's
MasterChef and MasterChefV2; Synthetix's StakingRewards; mds1/multicall3; Permit2; OpenZeppelin 5's errors. Tests hold
the selectors against those that these projects publish.
"""

from __future__ import annotations

ERC20 = (
    "name()",
    "symbol()",
    "decimals()",
    "totalSupply()",
    "balanceOf(address account)",
    "allowance(address owner,address spender)",
    "transfer(address to,uint256 amount)",
    "transferFrom(address from,address to,uint256 amount)",
    "approve(address spender,uint256 amount)",
    "increaseAllowance(address spender,uint256 addedValue)",
    "decreaseAllowance(address spender,uint256 subtractedValue)",
    "nonces(address owner)",
    "permit(address owner,address spender,uint256 value,uint256 deadline,uint8 v,bytes32 r,bytes32 s)",
)
NFT = (
    "ownerOf(uint256 tokenId)",
    "tokenOfOwnerByIndex(address owner,uint256 index)",
    "setApprovalForAll(address operator,bool approved)",
    "isApprovedForAll(address owner,address operator)",
    "getApproved(uint256 tokenId)",
    "safeTransferFrom(address from,address to,uint256 tokenId)",
    "safeTransferFrom(address from,address to,uint256 tokenId,bytes data)",
)
WETH = ("deposit()", "withdraw(uint256 amount)")
PERMIT2 = (
    "approve(address token,address spender,uint160 amount,uint48 expiration)",
    "allowance(address owner,address token,address spender)",
    "lockdown((address token,address spender)[] approvals)",
)
V2_FACTORY = (
    "getPair(address tokenA,address tokenB)",
    "allPairs(uint256 index)",
    "allPairsLength()",
    "createPair(address tokenA,address tokenB)",
    "feeTo()",
)
V2_PAIR = (
    "factory()",
    "token0()",
    "token1()",
    "getReserves()",
    "kLast()",
    "price0CumulativeLast()",
    "price1CumulativeLast()",
    "mint(address to)",
    "burn(address to)",
    "swap(uint256 amount0Out,uint256 amount1Out,address to,bytes data)",
    "skim(address to)",
    "sync()",
)
_SWAP_IN = "(uint256 amountIn,uint256 amountOutMin,address[] path,address to,uint256 deadline)"
_SWAP_OUT = "(uint256 amountOut,uint256 amountInMax,address[] path,address to,uint256 deadline)"
_SWAP_COIN_IN = "(uint256 amountOutMin,address[] path,address to,uint256 deadline)"
_SWAP_COIN_OUT = "(uint256 amountOut,address[] path,address to,uint256 deadline)"
_REMOVE = (
    "(address tokenA,address tokenB,uint256 liquidity,uint256 amountAMin,uint256 amountBMin,address to,uint256 deadline"
)
_REMOVE_COIN = (
    "(address token,uint256 liquidity,uint256 amountTokenMin,uint256 amountETHMin,address to,uint256 deadline"
)
_PERMITTED = ",bool approveMax,uint8 v,bytes32 r,bytes32 s)"
V2_ROUTER = (
    "WETH()",
    "getAmountsOut(uint256 amountIn,address[] path)",
    "getAmountsIn(uint256 amountOut,address[] path)",
    f"swapExactTokensForTokens{_SWAP_IN}",
    f"swapTokensForExactTokens{_SWAP_OUT}",
    f"swapExactETHForTokens{_SWAP_COIN_IN}",
    f"swapTokensForExactETH{_SWAP_OUT}",
    f"swapExactTokensForETH{_SWAP_IN}",
    f"swapETHForExactTokens{_SWAP_COIN_OUT}",
    f"swapExactTokensForTokensSupportingFeeOnTransferTokens{_SWAP_IN}",
    f"swapExactETHForTokensSupportingFeeOnTransferTokens{_SWAP_COIN_IN}",
    f"swapExactTokensForETHSupportingFeeOnTransferTokens{_SWAP_IN}",
    "addLiquidity(address tokenA,address tokenB,uint256 amountADesired,uint256 amountBDesired,uint256 amountAMin,"
    "uint256 amountBMin,address to,uint256 deadline)",
    "addLiquidityETH(address token,uint256 amountTokenDesired,uint256 amountTokenMin,uint256 amountETHMin,address to,"
    "uint256 deadline)",
    f"removeLiquidity{_REMOVE})",
    f"removeLiquidityETH{_REMOVE_COIN})",
    f"removeLiquidityETHSupportingFeeOnTransferTokens{_REMOVE_COIN})",
    f"removeLiquidityWithPermit{_REMOVE}{_PERMITTED}",
    f"removeLiquidityETHWithPermit{_REMOVE_COIN}{_PERMITTED}",
)
V3_FACTORY = (
    "getPool(address tokenA,address tokenB,uint24 fee)",
    "createPool(address tokenA,address tokenB,uint24 fee)",
    "feeAmountTickSpacing(uint24 fee)",
)
V3_POOL = (
    "fee()",
    "tickSpacing()",
    "slot0()",
    "liquidity()",
    "tickBitmap(int16 wordPosition)",
    "ticks(int24 tick)",
    "positions(bytes32 key)",
    "feeGrowthGlobal0X128()",
    "feeGrowthGlobal1X128()",
    "observe(uint32[] secondsAgos)",
    "initialize(uint160 sqrtPriceX96)",
)
V3_POSITIONS = (
    "WETH9()",
    "positions(uint256 tokenId)",
    "createAndInitializePoolIfNecessary(address token0,address token1,uint24 fee,uint160 sqrtPriceX96)",
    "mint((address token0,address token1,uint24 fee,int24 tickLower,int24 tickUpper,uint256 amount0Desired,"
    "uint256 amount1Desired,uint256 amount0Min,uint256 amount1Min,address recipient,uint256 deadline) params)",
    "increaseLiquidity((uint256 tokenId,uint256 amount0Desired,uint256 amount1Desired,uint256 amount0Min,"
    "uint256 amount1Min,uint256 deadline) params)",
    "decreaseLiquidity((uint256 tokenId,uint128 liquidity,uint256 amount0Min,uint256 amount1Min,uint256 deadline) "
    "params)",
    "collect((uint256 tokenId,address recipient,uint128 amount0Max,uint128 amount1Max) params)",
    "burn(uint256 tokenId)",
)
V3_PERIPHERY = (
    "multicall(bytes[] data)",
    "multicall(uint256 deadline,bytes[] data)",
    "multicall(bytes32 previousBlockhash,bytes[] data)",
    "refundETH()",
    "unwrapWETH9(uint256 amountMinimum,address recipient)",
    "unwrapWETH9(uint256 amountMinimum)",
    "sweepToken(address token,uint256 amountMinimum,address recipient)",
    "sweepToken(address token,uint256 amountMinimum)",
    "wrapETH(uint256 value)",
    "pull(address token,uint256 value)",
)
V3_QUOTER = (
    "quoteExactInputSingle((address tokenIn,address tokenOut,uint256 amountIn,uint24 fee,uint160 sqrtPriceLimitX96) "
    "params)",
    "quoteExactInput(bytes path,uint256 amountIn)",
    "quoteExactOutputSingle((address tokenIn,address tokenOut,uint256 amount,uint24 fee,uint160 sqrtPriceLimitX96) "
    "params)",
    "quoteExactOutput(bytes path,uint256 amountOut)",
)
_SINGLE = "address tokenIn,address tokenOut,uint24 fee,address recipient"
V3_ROUTER = (
    f"exactInputSingle(({_SINGLE},uint256 deadline,uint256 amountIn,uint256 amountOutMinimum,"
    "uint160 sqrtPriceLimitX96) params)",
    "exactInput((bytes path,address recipient,uint256 deadline,uint256 amountIn,uint256 amountOutMinimum) params)",
    f"exactOutputSingle(({_SINGLE},uint256 deadline,uint256 amountOut,uint256 amountInMaximum,"
    "uint160 sqrtPriceLimitX96) params)",
    "exactOutput((bytes path,address recipient,uint256 deadline,uint256 amountOut,uint256 amountInMaximum) params)",
)
"""The first SwapRouter: the deadline is in the parameters."""
V3_ROUTER02 = (
    f"exactInputSingle(({_SINGLE},uint256 amountIn,uint256 amountOutMinimum,uint160 sqrtPriceLimitX96) params)",
    "exactInput((bytes path,address recipient,uint256 amountIn,uint256 amountOutMinimum) params)",
    f"exactOutputSingle(({_SINGLE},uint256 amountOut,uint256 amountInMaximum,uint160 sqrtPriceLimitX96) params)",
    "exactOutput((bytes path,address recipient,uint256 amountOut,uint256 amountInMaximum) params)",
    "swapExactTokensForTokens(uint256 amountIn,uint256 amountOutMin,address[] path,address to)",
    "swapTokensForExactTokens(uint256 amountOut,uint256 amountInMax,address[] path,address to)",
)
"""SwapRouter02: the deadline is one of `multicall`."""
STAKING_REWARDS = (
    "stake(uint256 amount)",
    "withdraw(uint256 amount)",
    "getReward()",
    "exit()",
    "earned(address account)",
    "rewardRate()",
    "rewardPerToken()",
    "rewardPerTokenStored()",
    "userRewardPerTokenPaid(address account)",
    "rewards(address account)",
    "lastTimeRewardApplicable()",
    "lastUpdateTime()",
    "periodFinish()",
    "rewardsDuration()",
    "getRewardForDuration()",
    "rewardsToken()",
    "stakingToken()",
    "notifyRewardAmount(uint256 reward)",
)
MASTER_CHEF = (
    "poolLength()",
    "poolInfo(uint256 pid)",
    "userInfo(uint256 pid,address account)",
    "totalAllocPoint()",
    "sushi()",
    "sushiPerBlock()",
    "bonusEndBlock()",
    "BONUS_MULTIPLIER()",
    "startBlock()",
    "getMultiplier(uint256 from,uint256 to)",
    "pendingSushi(uint256 pid,address account)",
    "pendingCake(uint256 pid,address account)",
    "updatePool(uint256 pid)",
    "deposit(uint256 pid,uint256 amount)",
    "withdraw(uint256 pid,uint256 amount)",
    "emergencyWithdraw(uint256 pid)",
    "deposit(uint256 pid,uint256 amount,address to)",
    "withdraw(uint256 pid,uint256 amount,address to)",
    "harvest(uint256 pid,address to)",
    "withdrawAndHarvest(uint256 pid,uint256 amount,address to)",
    "emergencyWithdraw(uint256 pid,address to)",
)
MULTICALL = (
    "aggregate((address target,bytes callData)[] calls)",
    "tryAggregate(bool requireSuccess,(address target,bytes callData)[] calls)",
    "tryBlockAndAggregate(bool requireSuccess,(address target,bytes callData)[] calls)",
    "aggregate3((address target,bool allowFailure,bytes callData)[] calls)",
    "getEthBalance(address addr)",
    "getBlockNumber()",
    "getCurrentBlockTimestamp()",
)
FUNCTIONS = (
    *(ERC20 + NFT + WETH + PERMIT2 + V2_FACTORY + V2_PAIR + V2_ROUTER + V3_FACTORY + V3_POOL + V3_POSITIONS),
    *(V3_PERIPHERY + V3_QUOTER + V3_ROUTER + V3_ROUTER02 + STAKING_REWARDS + MASTER_CHEF + MULTICALL),
)
"""All of them; two with one selector are one function."""

TRANSFER = "Transfer(address indexed from,address indexed to,uint256 value)"
APPROVAL = "Approval(address indexed owner,address indexed spender,uint256 value)"
V2_MINT = "Mint(address indexed sender,uint256 amount0,uint256 amount1)"
V2_SWAP = (
    "Swap(address indexed sender,uint256 amount0In,uint256 amount1In,uint256 amount0Out,uint256 amount1Out,"
    "address indexed to)"
)
V3_SWAP = (
    "Swap(address indexed sender,address indexed recipient,int256 amount0,int256 amount1,uint160 sqrtPriceX96,"
    "uint128 liquidity,int24 tick)"
)
PANCAKE_V3_SWAP = (
    "Swap(address indexed sender,address indexed recipient,int256 amount0,int256 amount1,uint160 sqrtPriceX96,"
    "uint128 liquidity,int24 tick,uint128 protocolFeesToken0,uint128 protocolFeesToken1)"
)
INCREASE_LIQUIDITY = "IncreaseLiquidity(uint256 indexed tokenId,uint128 liquidity,uint256 amount0,uint256 amount1)"
DECREASE_LIQUIDITY = "DecreaseLiquidity(uint256 indexed tokenId,uint128 liquidity,uint256 amount0,uint256 amount1)"
COLLECT = "Collect(uint256 indexed tokenId,address recipient,uint256 amount0,uint256 amount1)"
EVENTS = (
    TRANSFER,
    APPROVAL,
    "Transfer(address indexed from,address indexed to,uint256 indexed tokenId)",
    "Approval(address indexed owner,address indexed approved,uint256 indexed tokenId)",
    "ApprovalForAll(address indexed owner,address indexed operator,bool approved)",
    "Deposit(address indexed dst,uint256 wad)",
    "Withdrawal(address indexed src,uint256 wad)",
    "PairCreated(address indexed token0,address indexed token1,address pair,uint256 index)",
    V2_MINT,
    "Burn(address indexed sender,uint256 amount0,uint256 amount1,address indexed to)",
    V2_SWAP,
    "Sync(uint112 reserve0,uint112 reserve1)",
    "PoolCreated(address indexed token0,address indexed token1,uint24 indexed fee,int24 tickSpacing,address pool)",
    "Initialize(uint160 sqrtPriceX96,int24 tick)",
    "Mint(address sender,address indexed owner,int24 indexed tickLower,int24 indexed tickUpper,uint128 amount,"
    "uint256 amount0,uint256 amount1)",
    "Burn(address indexed owner,int24 indexed tickLower,int24 indexed tickUpper,uint128 amount,uint256 amount0,"
    "uint256 amount1)",
    "Collect(address indexed owner,address recipient,int24 indexed tickLower,int24 indexed tickUpper,uint128 amount0,"
    "uint128 amount1)",
    V3_SWAP,
    PANCAKE_V3_SWAP,
    INCREASE_LIQUIDITY,
    DECREASE_LIQUIDITY,
    COLLECT,
    "RewardAdded(uint256 reward)",
    "Staked(address indexed user,uint256 amount)",
    "Withdrawn(address indexed user,uint256 amount)",
    "RewardPaid(address indexed user,uint256 reward)",
    "Deposit(address indexed user,uint256 indexed pid,uint256 amount)",
    "Withdraw(address indexed user,uint256 indexed pid,uint256 amount)",
    "EmergencyWithdraw(address indexed user,uint256 indexed pid,uint256 amount)",
)

ERRORS = (
    "ERC20InsufficientBalance(address sender,uint256 balance,uint256 needed)",
    "ERC20InvalidSender(address sender)",
    "ERC20InvalidReceiver(address receiver)",
    "ERC20InsufficientAllowance(address spender,uint256 allowance,uint256 needed)",
    "ERC20InvalidApprover(address approver)",
    "ERC20InvalidSpender(address spender)",
    "ERC2612ExpiredSignature(uint256 deadline)",
    "ERC721NonexistentToken(uint256 tokenId)",
    "ERC721InsufficientApproval(address operator,uint256 tokenId)",
    "SafeERC20FailedOperation(address token)",
    "AddressEmptyCode(address target)",
    "AddressInsufficientBalance(address account)",
    "FailedInnerCall()",
    "FailedCall()",
    "InsufficientBalance(uint256 balance,uint256 needed)",
    "OwnableUnauthorizedAccount(address account)",
    "EnforcedPause()",
    "ReentrancyGuardReentrantCall()",
    "AllowanceExpired(uint256 deadline)",
    "InsufficientAllowance(uint256 amount)",
    "InsufficientAllowance()",
    "InsufficientBalance()",
    "TransferFailed()",
    "TransferFromFailed()",
    "V2TooLittleReceived()",
    "V2TooMuchRequested()",
    "V3TooLittleReceived()",
    "V3TooMuchRequested()",
    "TransactionDeadlinePassed()",
    "InsufficientETH()",
    "InsufficientToken()",
)
"""Besides Error(string) and Panic(uint256), which every contract has."""
